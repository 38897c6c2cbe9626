// Package vocabulary tells clients the words of the product: roles, kinds, layers and
// formats with their labels, made from the tables that the server itself uses.
package vocabulary

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	export "vigie/data/export/all"
	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// Vocabulary is what can be named. Every list is in the order of user interfaces.
type Vocabulary struct {
	Roles      []Role         `json:"roles"`
	Rights     []Term         `json:"rights"`
	Purposes   []auth.Purpose `json:"purposes"`
	GrantKinds []Term         `json:"grant_kinds"`
	Layers     []Term         `json:"layers"`
	ZoneKinds  []ZoneKind     `json:"zone_kinds"`
	PlaceKinds []Term         `json:"place_kinds"`
	// Themes are the families of places that the indicators look at.
	Themes     []Term          `json:"place_themes"`
	Categories []data.Category `json:"site_categories"`
	Precisions []Described     `json:"precisions"`
	Changes    []Term          `json:"changes"`
	// Classes are those of the exposure of a place, the lowest first.
	Classes []Term   `json:"exposure_classes"`
	Exports []Format `json:"export_formats"`
	// Radii are those of the proximity indicators, in metres.
	Radii []float64 `json:"radii"`
}

// Term is a stable identifier and its name for users.
type Term struct {
	ID    string    `json:"id"`
	Label data.Text `json:"label"`
}

// Described is a term with a sentence on what it means.
type Described struct {
	Term
	About data.Text `json:"about"`
}

// Role is a role and what it gives.
type Role struct {
	Term
	Precision string   `json:"precision"` // none, masked or exact
	Rights    []string `json:"rights"`
}

// ZoneKind is a kind of zones.
type ZoneKind struct {
	Described
	Short data.Text `json:"short"`
	// Style tells kinds apart on maps and never changes; 0 is the neutral one.
	Style int `json:"style"`
	// Indicators: homes have proximity indicators of this kind alone, prefixed by its identifier.
	Indicators bool `json:"indicators"`
}

// Format is a format of exports.
type Format struct {
	Term
	Extension string `json:"extension"`
}

// Make makes the vocabulary of this version.
func Make() Vocabulary {
	v := Vocabulary{Purposes: auth.Purposes(), Categories: data.Categories, Radii: exposure.DefaultRadii}
	for _, r := range data.Roles {
		viewer := auth.RoleViewer(r)
		v.Roles = append(v.Roles, Role{
			Term: Term{string(r), r.Label()}, Precision: auth.PrecisionWord(viewer.Precision()), Rights: auth.RightWords(viewer.Has()),
		})
	}
	for _, word := range auth.RightWords(^data.Right(0)) {
		v.Rights = append(v.Rights, Term{word, rights[word]})
	}
	for _, k := range grantKinds {
		v.GrantKinds = append(v.GrantKinds, Term{string(k.id), k.label})
	}
	for _, l := range layers {
		v.Layers = append(v.Layers, Term{string(l), l.Label()})
	}
	for _, k := range data.ZoneKinds {
		words := zoneWords[k]
		v.ZoneKinds = append(v.ZoneKinds, ZoneKind{
			Described: Described{Term{string(k), k.Label()}, words.about}, Short: words.short, Style: words.style, Indicators: slices.Contains(scoring.ZoneKinds(), string(k)),
		})
	}
	for _, k := range data.PlaceKinds {
		v.PlaceKinds = append(v.PlaceKinds, Term{k.ID, k.Label})
	}
	for _, id := range exposure.Themes() {
		v.Themes = append(v.Themes, Term{id, themes[id]})
	}
	for _, p := range precisions {
		v.Precisions = append(v.Precisions, Described{Term{string(p.id), p.label}, p.about})
	}
	for _, c := range changes {
		v.Changes = append(v.Changes, Term{string(c.id), c.label})
	}
	for class, label := range score.Default().Classes.Labels {
		v.Classes = append(v.Classes, Term{string(rune('1' + class)), data.Text(label)})
	}
	for _, f := range export.Formats() {
		v.Exports = append(v.Exports, Format{Term{f.ID, f.Label}, f.Extension})
	}
	return v
}

// Routes are the vocabulary's rows of the route table.
func Routes() []web.Route {
	body, err := json.Marshal(Make())
	if err != nil {
		panic(err) // tables of texts and numbers
	}
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:8])
	return []web.Route{{
		Method: http.MethodGet, Path: "/vocabulary", Access: web.Public, Operation: operation,
		Handler: func(c *gin.Context) error {
			// The same for everybody, it changes with the program only.
			web.Revalidate(c)
			if web.NotModified(c, tag) {
				return nil
			}
			return web.Bytes(c, http.StatusOK, web.TypeJSON, body)
		},
	}}
}
