// Command generate writes the files of the fictitious département that package demo
// embeds. From the folder data/demo: go generate.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"vigie/data/demo/fiction"
)

func main() {
	out := flag.String("out", filepath.Join("data", "demo", "files"), "folder to write to; it must exist")
	seed := flag.Uint64("seed", fiction.Seed, "seed of all random numbers")
	flag.Parse()
	if err := write(*out, *seed); err != nil {
		// A panic ends with a status that go generate takes for a failure.
		panic(err)
	}
}

func write(out string, seed uint64) error {
	files, err := fiction.Files(seed)
	if err != nil {
		return err
	}
	total := 0
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(out, f.Name), f.Content, 0o644); err != nil {
			return err
		}
		total += len(f.Content)
		fmt.Printf("%8d  %s\n", len(f.Content), f.Name)
	}
	fmt.Printf("%8d\n", total)
	return nil
}
