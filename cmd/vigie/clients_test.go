//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"vigie/data/demo"
)

// clientTimeout is how long a script may take, on a machine that does other things.
const clientTimeout = 2 * time.Minute

var clientsFolder = filepath.Join("..", "..", "docs", "clients")

// A client is a script that reads a server with a tool of analysts; it fails by itself when
// what it reads is not what its viewer must get.
type client struct {
	script string
	// interpreter is the command that runs the script; empty when the tool is not there.
	interpreter string
	// needs is what has to be installed.
	needs string
}

func clients() []client {
	return []client{
		{"gdal.sh", firstThat([]string{"bash"}, "-c", "command -v ogrinfo && command -v ogr2ogr && command -v curl && command -v python3"), "Debian: gdal-bin, curl, python3"},
		{"geopandas_read.py", firstThat(pythons, "-c", "import geopandas"), "Debian: python3-geopandas"},
		{"qgis_read.py", firstThat(pythons, "-c", "import qgis.core"), "Debian: python3-qgis"},
		{"read.R", firstThat([]string{"Rscript"}, "-e", "library(sf)"), "Debian: r-cran-sf"},
		{"read_parquet.mjs", firstThat([]string{"node"}, "-e", "require('fs').accessSync('../../frontend/node_modules/hyparquet-compressors')"), "Node, then make frontend"},
	}
}

// pythons are the interpreters that may have the packages of Debian: the first in the path
// is sometimes another.
var pythons = []string{"python3", "/usr/bin/python3"}

// firstThat gives the first command that succeeds with these arguments.
func firstThat(commands []string, args ...string) string {
	for _, c := range commands {
		if exec.Command(c, args...).Run() == nil {
			return c
		}
	}
	return ""
}

// serveDemo serves the demo on a free port until the test ends, by the program as users
// have it: under the race detector the scores of the demo take a minute.
func serveDemo(t *testing.T) (url string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "vigie")
	info, _ := debug.ReadBuildInfo()
	build := []string{"build", "-trimpath", "-ldflags", "-s -w", "-o", program} // as make build: what it compiles is compiled once
	for _, s := range info.Settings {
		if s.Key == "-tags" {
			build = append(build, "-tags", s.Value)
		}
	}
	if out, err := exec.Command("go", append(build, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(program, "--lang", "en", "demo", "--listen", "127.0.0.1:0")
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan() // “Vigie is ready: http://…”
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		for lines.Scan() { // reads the accounts, to the end
		}
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("vigie demo: %v\n%s", err, &log)
		}
	})
	_, url, ready := strings.Cut(lines.Text(), ": ")
	if !ready {
		t.Fatalf("the demo says %q", lines.Text())
	}
	return url
}

// runClient runs a script of docs/clients and gives what it prints.
func runClient(t *testing.T, stdin string, env []string, interpreter, script string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clientTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, append([]string{filepath.Join(clientsFolder, script)}, args...)...)
	cmd.WaitDelay = 5 * time.Second // what the script started may hold its output
	cmd.Env = append(os.Environ(), append(env, "QT_QPA_PLATFORM=offscreen", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1", "PYTHONDONTWRITEBYTECODE=1")...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = append(out, exit.Stderr...)
		}
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// GIS and statistics programs read the API, the files and the tiles as they come, with a
// token: masked for an analyst, exact for a manager.
func TestClientsRead(t *testing.T) {
	if testing.Short() {
		t.Skip("starts GIS programs")
	}
	if firstThat([]string{"bash"}, "-c", "command -v curl && command -v python3") == "" {
		t.Skip("docs/clients/token.sh needs bash, curl and python3 (Debian: curl, python3)")
	}
	url, scripts := serveDemo(t), clients()
	passwords := map[string]string{}
	for _, a := range demo.Accounts(demoDay()) {
		passwords[a.User.Login] = a.Password
	}
	for login, view := range map[string]string{"analyste": "masked", "responsable": "exact"} {
		token := strings.TrimSpace(runClient(t, passwords[login]+"\n", nil, "bash", "token.sh", url, login, view))
		for _, c := range scripts {
			t.Run(view+"/"+c.script, func(t *testing.T) {
				if c.interpreter == "" {
					t.Skip("needs " + c.needs)
				}
				t.Parallel()
				t.Log("\n" + runClient(t, "", []string{"VIGIE_TOKEN=" + token}, c.interpreter, c.script, url, view))
			})
		}
	}
}
