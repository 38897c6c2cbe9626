package score

import (
	"cmp"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Seed is the seed from which the draws were made.
func (e *Ensemble) Seed() uint64 { return e.scorer.profile.Seed }

// Draws is the number of draws of an uncertain site.
func (e *Ensemble) Draws() int { return e.scorer.profile.Draws }

// ProfileHash is the hash of the profile that the scores follow.
func (e *Ensemble) ProfileHash() string { return e.scorer.hash }

// Len is the number of sites, incomplete ones included.
func (e *Ensemble) Len() int { return len(e.group) }

// Groups are the names of the groups, sorted.
func (e *Ensemble) Groups() []string { return slices.Sorted(maps.Keys(e.groups)) }

// Results are the results of a group's sites by identifier; nil for an unknown group.
func (e *Ensemble) Results(group string) []Result {
	g, ok := e.groups[group]
	if !ok {
		return nil
	}
	out := make([]Result, len(g.sites))
	for i := range g.sites {
		out[i] = g.sites[i].result
	}
	return out
}

// All are the results of all sites by group, then by identifier.
func (e *Ensemble) All() []Result {
	out := make([]Result, 0, e.Len())
	for _, name := range e.Groups() {
		out = append(out, e.Results(name)...)
	}
	return out
}

// Result is the result of one site.
func (e *Ensemble) Result(id string) (Result, bool) {
	name, ok := e.group[id]
	if !ok {
		return Result{}, false
	}
	sites := e.groups[name].sites
	i, _ := find(sites, id)
	return sites[i].result, true
}

// Contributions are what each indicator adds to a site's score, largest first; nil when
// the score is incomplete or there is no such site.
func (e *Ensemble) Contributions(id string) []Contribution {
	name, ok := e.group[id]
	if !ok {
		return nil
	}
	sites := e.groups[name].sites
	i, _ := find(sites, id)
	if !sites[i].result.Complete {
		return nil
	}
	return e.scorer.contributions(sites[i].values, sites[i].losses, sites[i].result.Score)
}

func find(sites []drawn, id string) (int, bool) {
	return slices.BinarySearchFunc(sites, id, func(d drawn, id string) int { return cmp.Compare(d.result.ID, id) })
}

// pending is an ensemble in the making: groups that change are copies.
type pending struct {
	Ensemble
	changed map[string]bool
}

// without copies the ensemble, less some sites.
func (e *Ensemble) without(gone map[string]bool) *pending {
	next := &pending{
		Ensemble: Ensemble{scorer: e.scorer, groups: maps.Clone(e.groups), group: maps.Clone(e.group)},
		changed:  map[string]bool{},
	}
	if next.groups == nil {
		next.groups, next.group = map[string]*group{}, map[string]string{}
	}
	for id := range gone {
		name, ok := e.group[id]
		if !ok {
			continue
		}
		delete(next.group, id)
		g := next.own(name)
		i, _ := find(g.sites, id)
		g.sites = slices.Delete(g.sites, i, i+1)
	}
	return next
}

// own gives a group that may be changed.
func (p *pending) own(name string) *group {
	g := p.groups[name]
	switch {
	case g == nil:
		g = &group{}
	case !p.changed[name]:
		g = &group{sites: slices.Clone(g.sites)}
	}
	p.groups[name] = g
	p.changed[name] = true
	return g
}

func (p *pending) add(d drawn) {
	g := p.own(d.result.Group)
	g.sites = append(g.sites, d)
	p.group[d.result.ID] = d.result.Group
}

// finish ranks the groups that changed.
func (p *pending) finish(opts Options) *Ensemble {
	var work errgroup.Group
	work.SetLimit(opts.workers())
	for name := range p.changed {
		g := p.groups[name]
		if len(g.sites) == 0 {
			delete(p.groups, name)
			continue
		}
		work.Go(func() error {
			slices.SortFunc(g.sites, func(a, b drawn) int { return cmp.Compare(a.result.ID, b.result.ID) })
			p.scorer.rank(g.sites)
			return nil
		})
	}
	_ = work.Wait() // ranking cannot fail
	return &p.Ensemble
}
