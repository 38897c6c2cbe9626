package main

import (
	"math"
	"path/filepath"
	"strings"
	"time"

	"vigie/data"
	export "vigie/data/export/all"
	"vigie/data/snapshot"
)

// exportLayer writes a layer as the operator sees it; the journal is written first.
func exportLayer(e *environment, store data.Store, sn *snapshot.Snapshot, layer data.Layer, c *exportCmd) error {
	viewer := operator(c.Purpose)
	format := c.Format
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), ".")
	}
	if _, ok := export.ByID(format); !ok {
		return usageError{FR: "format inconnu : « " + format + " » (geojson, csv, gpkg).", EN: "unknown format “" + format + "” (geojson, csv, gpkg)."}
	}
	collection, ok := sn.Collection(viewer, layer)
	if !ok {
		return data.ErrNotFound
	}
	page := collection.Query(snapshot.Query{Limit: math.MaxInt, Status: "all", Editions: true})
	out, err := createOutput(c.Out, e.output)
	if err != nil {
		return err
	}
	defer out.discard()
	writer, err := export.Writer(format, out.buffer, collection.Schema(), export.Options{})
	if err != nil {
		return err
	}
	var ids []string
	err = page.Each(func(f *data.Feature) error {
		if layer == data.LayerSites {
			ids = append(ids, f.ID)
		}
		return writer.Write(f)
	})
	if err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	if err := store.Audit(e.ctx, data.AuditEntry{
		At: time.Now(), Subject: viewer.Subject(), Action: "export", Layer: layer, Records: ids, Count: page.Returned, Purpose: c.Purpose,
	}); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	// Not to standard output, which may be the export itself.
	e.say(e.stderr, data.Text{FR: "%d objets exportés vers %s", EN: "%d features exported to %s"}, page.Returned, c.Out)
	return nil
}
