package statistics

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"

	"vigie/data"
)

// Level is a level of the public geography; there is none below the département.
type Level string

// Levels, from the finest.
const (
	LevelDepartment Level = "department"
	LevelRegion     Level = "region"
	LevelCountry    Level = "country"
)

// levels lists them.
var levels = []Level{LevelDepartment, LevelRegion, LevelCountry}

// Area is a département, a region or France.
type Area struct {
	Level Level `json:"level"`
	// Code is the INSEE code, "FR" for France. Codes of regions and départements overlap.
	Code string `json:"code"`
	Name string `json:"name"`
	// Region is the code of a département's region, empty when it has none.
	Region string `json:"region,omitempty"`
	// Departments counts the départements of the area, Reporting those of which the
	// register holds a home: the figures of the area are about these.
	Departments int `json:"departments"`
	Reporting   int `json:"reporting"`
}

// departments are the départements and regions of 1 January 2026: Insee, Code officiel
// géographique (Licence Ouverte 2.0).
//
//go:embed departments.csv
var departments string

// official lists the départements, then the regions, by code.
func official() (list, regions []Area) {
	rows, err := csv.NewReader(strings.NewReader(departments)).ReadAll()
	if err != nil {
		panic(err) // the table is embedded above
	}
	for _, r := range rows[1:] {
		list = append(list, Area{Level: LevelDepartment, Code: r[0], Name: r[1], Region: r[2]})
		if !slices.ContainsFunc(regions, func(a Area) bool { return a.Code == r[2] }) {
			regions = append(regions, Area{Level: LevelRegion, Code: r[2], Name: r[3]})
		}
	}
	slices.SortFunc(regions, func(a, b Area) int { return strings.Compare(a.Code, b.Code) })
	return list, regions
}

// RegionOf is the INSEE code of the region of a département, "" when it is not an
// official one.
func RegionOf(department string) string { return regionOf()[department] }

var regionOf = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	list, _ := official()
	for i := range list {
		out[list[i].Code] = list[i].Region
	}
	return out
})

// geography lists the areas of an edition: France, its regions, its départements.
// Départements out of the official table (overseas collectivities, the fictitious one)
// have no region, and are there when a home is. The official ones are left out where every home is in
// the fictitious one.
func geography(homes []Home) []Area {
	reporting := map[string]bool{}
	for i := range homes {
		reporting[homes[i].Department] = true
	}
	list, regions := official()
	if len(reporting) == 1 && reporting[data.FictitiousDepartment] {
		list, regions = nil, nil
	}
	for code := range reporting {
		if !slices.ContainsFunc(list, func(a Area) bool { return a.Code == code }) {
			name := code
			if code == data.FictitiousDepartment {
				name = "Département fictif"
			}
			list = append(list, Area{Level: LevelDepartment, Code: code, Name: name})
		}
	}
	slices.SortFunc(list, func(a, b Area) int { return strings.Compare(a.Code, b.Code) })
	areas := append([]Area{{Level: LevelCountry, Code: "FR", Name: "France"}}, regions...)
	for i := range list {
		d := &list[i]
		d.Departments = 1
		if reporting[d.Code] {
			d.Reporting = 1
		}
		for j := range areas {
			if a := &areas[j]; a.holds(d) {
				a.Departments++
				a.Reporting += d.Reporting
			}
		}
	}
	return append(areas, list...)
}

// holds tells whether a département is the area or in it.
func (a *Area) holds(department *Area) bool {
	switch a.Level {
	case LevelCountry:
		return true
	case LevelRegion:
		return a.Code == department.Region
	}
	return a.Code == department.Code
}

// within tells whether the figures of a add up, with others, to those of whole: regions
// to France, départements to their region, or to France when they have none.
func (a *Area) within(whole *Area) bool {
	switch whole.Level {
	case LevelCountry:
		return a.Level == LevelRegion || a.Level == LevelDepartment && a.Region == ""
	case LevelRegion:
		return a.Level == LevelDepartment && a.Region == whole.Code
	}
	return false
}
