// Package all is the registry of the input formats.
package all

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/delimited"
	"vigie/data/source/finess"
	"vigie/data/source/geojson"
	"vigie/data/source/gpkg"
	"vigie/data/source/qrrjson"
	"vigie/data/source/shapefile"
)
