package score

import "slices"

// Rank is the place of a site among the complete sites of its group; 1 is the most
// exposed, and equal scores share the best place.
type Rank struct {
	Rank int // by the scores; 0 when not ranked
	// RankLow and RankHigh hold the rank with the profile's probability over joint
	// draws of all sites of the group; RankLow is the most exposed end.
	RankLow, RankHigh int
	// TopDecile is the probability of being among the most exposed tenth of the group
	// (rounded up to whole sites); equal scores share the places that are left.
	TopDecile float64
	Ranked    int // number of sites that are ranked in the group
}

// rank gives the ranks of a group's complete sites.
func (s *Scorer) rank(sites []drawn) {
	var ranked []int
	draws := 1
	for i := range sites {
		sites[i].result.Rank = Rank{}
		if sites[i].result.Complete {
			ranked = append(ranked, i)
			draws = max(draws, len(sites[i].draws))
		}
	}
	n := len(ranked)
	if n == 0 {
		return
	}
	top := (n + 9) / 10
	places := make([]int32, n*draws) // of site i in draw d at i*draws+d
	inTop := make([]float64, n)
	order := make([]uint64, n)
	for d := range draws {
		for i, at := range ranked {
			own := sites[at].draws
			score := own[0]
			if len(own) > 1 {
				score = own[d]
			}
			// Complemented, the most exposed comes first.
			order[i] = uint64(^score)<<32 | uint64(i)
		}
		slices.Sort(order)
		for first := 0; first < n; {
			last := first + 1
			for last < n && order[last]>>32 == order[first]>>32 {
				last++
			}
			share := min(max(float64(top-first)/float64(last-first), 0), 1)
			for _, key := range order[first:last] {
				i := int(uint32(key))
				places[i*draws+d] = int32(first + 1)
				inTop[i] += share
			}
			first = last
		}
	}
	for i, at := range ranked {
		r := &sites[at].result
		r.Ranked = n
		r.Rank.Rank = 1
		for _, other := range ranked {
			if sites[other].result.Score > r.Score {
				r.Rank.Rank++
			}
		}
		own := places[i*draws : (i+1)*draws]
		slices.Sort(own)
		low, high := centralInterval(own, s.profile.Interval)
		r.RankLow, r.RankHigh = min(int(low), r.Rank.Rank), max(int(high), r.Rank.Rank)
		r.TopDecile = inTop[i] / float64(draws)
	}
}
