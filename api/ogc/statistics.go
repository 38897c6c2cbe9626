package ogc

import (
	"context"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/auth"
	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/statistics"
)

// Editions are the frozen editions of the public statistics.
type Editions interface {
	PublishedEditions(ctx context.Context) ([]data.PublishedEdition, error)
	PublishedEdition(ctx context.Context, id string) (*data.PublishedEdition, error)
}

// statisticsCollection is the newest edition by département, the same for everyone.
func statisticsCollection() collection {
	return collection{
		id: "statistics", layer: data.LayerStatistics, identifier: "department_code",
		title: data.Text{FR: "Statistiques publiques par département", EN: "Public statistics by département"},
		description: data.Text{
			FR: "Édition la plus récente, arrêtée\u00a0: chiffres arrondis à 5 près\u00a0; un chiffre masqué ou non déclaré ne vaut pas zéro.",
			EN: "The newest frozen edition: figures rounded to base 5; a figure that is hidden or not reported is not zero.",
		},
		filters: []filterBy{{"department_code", text, departmentText, false}},
	}
}

// statistics gives the collection and the tag of the edition that it is made of; false
// while no edition is frozen.
func (s *Service) statistics(c *gin.Context, current *snapshot.Snapshot) (*snapshot.Collection, string, bool, error) {
	ctx := c.Request.Context()
	editions, err := s.store.PublishedEditions(ctx)
	if err != nil {
		return nil, "", false, err
	}
	newest := statistics.Newest(editions)
	if newest == nil {
		return nil, "", false, nil
	}
	stored, err := s.store.PublishedEdition(ctx, newest.ID)
	if err != nil {
		return nil, "", false, err
	}
	edition, err := statistics.Decode(stored)
	if err != nil {
		return nil, "", false, err
	}
	viewer := auth.ViewerOf(c)
	areas, _ := current.Collection(viewer, data.LayerAreas)
	features := edition.Features(func(code string) orb.Geometry {
		f, _ := areas.Get(data.AreaDepartment + "." + code)
		return f.Geometry
	})
	tag := stored.SHA256[:16] + current.ETag(viewer, data.LayerAreas)
	return snapshot.NewCollection(statistics.FeatureSchema, features), tag, true, nil
}
