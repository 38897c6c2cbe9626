package statistics

import (
	"math"
	"strings"

	"vigie/data"
	"vigie/data/snapshot"
)

// Home is what the statistics count.
type Home struct {
	Department string
	// Address and Body tell distinct addresses and managing bodies apart; empty when unknown.
	Address, Body string
	// Places is nil when the capacity is not known.
	Places *int
	// Class is the open class of exposure: 1 to 5, 0 when indeterminate, −1 when not computed.
	Class int
	// Located tells whether the position serves for proximity.
	Located bool
	// QPV is the distance to the nearest priority neighbourhood in metres, 0 inside, NaN
	// when the home is not located.
	QPV float64
}

// Register is the homes of a day that the public register lists, and the data that they were measured with.
type Register struct {
	Homes []Home
	// QPV is the edition of the priority neighbourhoods, empty when none is loaded.
	QPV string
	// Profile is the hash of the score's profile.
	Profile string
	// WithoutDepartment counts the listed homes that are left out because the register does
	// not say where they are.
	WithoutDepartment int
}

// Read lists the homes of the public register that were open on a day (ISO 8601), as by sees
// them in a snapshot. Others are in no figure: whoever takes away what the register gives
// would be left with these alone.
//
// The error is data.ErrForbidden unless by sees every home exactly. It must not see
// restricted layers either: the public statistics are made of open scores. It is ErrPending
// while scores are being computed.
func Read(sn *snapshot.Snapshot, by data.Viewer, day string) (*Register, error) {
	if !by.SeesEverySite() || by.SeesRestricted() {
		return nil, data.ErrForbidden
	}
	sites, ok := sn.Collection(by, data.LayerSites)
	if !ok {
		return nil, data.ErrForbidden
	}
	column := map[string]int{}
	for i, c := range sites.Schema().Columns {
		column[c.Name] = i
	}
	r := &Register{}
	for _, e := range sn.Editions(by) {
		if e.Kind == data.ZoneQPV && e.Current {
			r.QPV = e.Label
		}
	}
	page := sites.Query(snapshot.Query{Limit: math.MaxInt, Status: "all"})
	err := page.Each(func(f *data.Feature) error {
		value := func(name string) *data.Value { return &f.Values[column[name]] }
		text := func(name string) string { s, _ := value(name).Text(); return s }
		if !(&data.Site{FINESS: text("finess"), Kind: text("kind")}).Listed() {
			return nil
		}
		opened, closed := text("opened_on"), text("closed_on")
		if opened > day || closed != "" && closed <= day || closed == "" && text("status") == string(data.SiteClosed) {
			return nil
		}
		h := Home{
			Department: text("department_code"), Body: text("legal_entity_finess"),
			Address: addressKey(text("address"), text("postal_code"), text("locality")),
			Located: text("proximity_status") == "computed", QPV: math.NaN(), Class: -1,
		}
		if h.Department == "" {
			r.WithoutDepartment++
			return nil
		}
		if n, ok := value("capacity").Int(); ok {
			h.Places = &n
		}
		if h.Located {
			h.QPV = value("qpv_nearest_zone_distance_m").Float64()
		}
		switch text("exposure_status") {
		case "pending":
			return ErrPending
		case "computed":
			h.Class = 0
			if c := text("exposure_class"); len(c) == 1 {
				h.Class = int(c[0] - '0')
			}
		}
		r.Profile = text("exposure_profile")
		r.Homes = append(r.Homes, h)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// addressKey is the same for spellings of one address that differ by case and spaces;
// without a street two homes of a locality count as one address.
func addressKey(parts ...string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Join(parts, " ")), " "))
}
