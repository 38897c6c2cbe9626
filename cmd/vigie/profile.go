package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/score"
)

// profileFlag names the profile of the score.
type profileFlag struct {
	Profile string `help:"File of the score profile; the built-in one when absent / fichier du profil de score." type:"path" placeholder:"FILE" env:"VIGIE_PROFILE"`
}

// load reads the profile; nil stands for the built-in one. What is wrong in the
// file comes as a *data.InvalidError with lines and columns.
func (f profileFlag) load() (*score.Profile, error) {
	if f.Profile == "" {
		return nil, nil
	}
	src, err := os.ReadFile(f.Profile)
	if err != nil {
		return nil, err
	}
	p, err := score.ParseProfile(src)
	var invalid *score.InvalidProfileError
	if !errors.As(err, &invalid) {
		return p, err
	}
	out := &data.InvalidError{}
	for _, problem := range invalid.Problems {
		out.Problems = append(out.Problems, data.Problem{
			Severity: data.SeverityError, Code: "invalid-profile", File: filepath.Base(f.Profile), Line: problem.Line, Column: problem.Column,
			Field: problem.Path, Value: data.Clip(problem.Value), Message: data.Text(problem.Message),
		})
	}
	return nil, out
}

// adopted reads the profile, the built-in one when none is named.
func (f profileFlag) adopted() (*score.Profile, error) {
	p, err := f.load()
	if p == nil && err == nil {
		p = score.Default()
	}
	return p, err
}

// printMethod says by what method scores were computed.
func (e *environment) printMethod(w io.Writer, m snapshot.ProfileRef) {
	e.say(w, data.Text{FR: "Profil %s %s (%.12s…), graine %d, %d tirages.", EN: "Profile %s %s (%.12s…), seed %d, %d draws."}, m.Name, m.Version, m.Hash, m.Seed, m.Draws)
}

// printAbsent says which indicators of the profile nothing can give.
func (e *environment) printAbsent(indicators []string) {
	if len(indicators) > 0 {
		e.say(e.stderr, data.Text{
			FR: "Attention\u00a0: le catalogue n’a pas ces indicateurs du profil, inconnus partout\u00a0: %s",
			EN: "Warning: the catalogue does not have these indicators of the profile, unknown everywhere: %s",
		}, strings.Join(indicators, ", "))
	}
}

type profileCmd struct {
	profileFlag
}

// Run checks a profile and prints its hash, or prints the built-in one.
func (c *profileCmd) Run(e *environment) error {
	p, err := c.load()
	if err != nil {
		return err
	}
	if p == nil {
		_, err := e.output.Write(score.DefaultJSON())
		return err
	}
	e.say(e.stdout, data.Text{FR: "Profil %s %s valide, empreinte %s", EN: "Profile %s %s is valid, hash %s"}, p.Name, p.Version, p.Hash())
	return nil
}
