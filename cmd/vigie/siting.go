package main

import (
	"encoding/json"
	"os"
	"time"

	"vigie/data"
	"vigie/data/siting"
	"vigie/geo/siting/allocation"
)

type sitingCmd struct {
	Allocate allocateCmd `cmd:"" help:"Choose several places at once / choisir plusieurs lieux à la fois."`
}

type allocateCmd struct {
	ORLib  string `name:"orlib" help:"A p-median of the OR-Library / un problème de p-médianes de l'OR-Library." type:"existingfile" required:""`
	Nodes  int    `help:"Sub-problems opened at most / sous-problèmes au plus." default:"4000"`
	Seed   uint64 `help:"Seed of the disturbances / graine." default:"11473"`
	Format string `help:"text or json." enum:"text,json" default:"text"`
}

// Run solves one instance and says what is proven of the answer.
func (c *allocateCmd) Run(e *environment) error {
	f, err := os.Open(c.ORLib)
	if err != nil {
		return err
	}
	defer f.Close()
	need, medians, err := siting.ReadORLibrary(f)
	if err != nil {
		return err
	}
	effort := allocation.DefaultEffort
	effort.Nodes, effort.Seed = c.Nodes, c.Seed
	start := time.Now()
	s, err := allocation.Median(e.ctx, need, medians, effort)
	if err != nil {
		return err
	}
	took := time.Since(start)
	if c.Format == "json" {
		vertices := make([]int, len(s.Chosen))
		for i, j := range s.Chosen {
			vertices[i] = j + 1
		}
		encoder := json.NewEncoder(e.output)
		encoder.SetIndent("", "  ")
		return encoder.Encode(struct {
			Vertices  int     `json:"vertices"`
			Chosen    []int   `json:"chosen"`
			Objective float64 `json:"objective"`
			Bound     float64 `json:"bound"`
			Gap       float64 `json:"gap"`
			Proven    bool    `json:"proven"`
			Nodes     int     `json:"nodes"`
			Seed      uint64  `json:"seed"`
			Seconds   float64 `json:"seconds"`
		}{need.Candidates, vertices, s.Objective, s.Bound, s.Gap(), s.Proven, s.Nodes, c.Seed, took.Seconds()})
	}
	e.say(e.stdout, data.Text{
		FR: "%d sommets, %d médianes : coût %.0f, au moins %.0f (écart %.3f %%, %d sous-problèmes, graine %d, %.2f s)",
		EN: "%d vertices, %d medians: cost %.0f, at least %.0f (gap %.3f%%, %d sub-problems, seed %d, %.2f s)",
	}, need.Candidates, medians, s.Objective, s.Bound, 100*s.Gap(), s.Nodes, c.Seed, took.Seconds())
	if s.Proven {
		e.say(e.stdout, data.Text{FR: "Optimum prouvé.", EN: "Proven optimal."})
	}
	return nil
}
