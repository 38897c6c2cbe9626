package source

import (
	"maps"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vigie/data"
)

// Field is an attribute of a record, whatever its producer calls it.
type Field uint8

// Fields. Not every layer has all of them.
const (
	FieldID Field = iota
	FieldFINESS
	FieldLegalEntity
	FieldName
	FieldCategory // FINESS category of a site, kind of a place or zone
	FieldStatus
	FieldCapacity
	FieldStreet
	FieldPostalCode
	FieldCommune     // names, or codes where the producer puts codes
	FieldCommuneCode // INSEE
	FieldDepartment  // INSEE
	FieldOpenedOn
	FieldClosedOn
	FieldLon
	FieldLat
	FieldX
	FieldY
	FieldCRS
	FieldPrecision
	FieldPositionSource
	FieldScore
	FieldWKT
	FieldEdition
	FieldPlacingDepartments // INSEE, several
	FieldPopulation
	fieldCount
)

// NumFields is the number of fields.
const NumFields = int(fieldCount)

// aliases lists, for each field, the names that producers give it, the surest first.
// They are compared as FoldName gives them.
type aliases map[Field][]string

var commonAliases = aliases{
	FieldCommuneCode: {
		"insee_com", "code_insee", "code_commune_insee", "code_insee_commune", "code_commune", "codeCommune", "depcom", "codgeo", "insee_commune",
		"commune_code", "insee_commune_code", "insee_code", "com_code", "code_com", "cog_commune", "insee", "citycode", "codes_communes", "commune_codes",
	},
	FieldCommune: {
		"lib_com", "nom_com", "nom_commune", "libelle_commune", "commune_qp", "communes", "commune", "libcom", "ville", "city", "town", "localite", "locality", "municipality", "commune_names",
	},
	FieldDepartment: {
		"insee_dep", "code_departement", "code_dept", "code_dep", "codeDepartement", "num_dep", "department_code", "dep_code", "dept", "dep", "departement", "department", "department_codes",
	},
	FieldLon: {"lon", "lng", "long", "longitude", "coord_lon", "x_gps", "geocodage_x_gps", "lon_wgs84", "longitude_wgs84", "x_wgs84", "x_lon", "result_longitude"},
	FieldLat: {"lat", "latitude", "coord_lat", "y_gps", "geocodage_y_gps", "lat_wgs84", "latitude_wgs84", "y_wgs84", "y_lat", "result_latitude"},
	FieldX:   {"x", "coord_x", "coordx", "coordonnee_x", "lambert_x", "x_lambert", "x_l93", "x_lambert93", "x_lambert_93", "easting", "geocodage_x", "coordxet", "coord_x_l93", "xcoord"},
	FieldY:   {"y", "coord_y", "coordy", "coordonnee_y", "lambert_y", "y_lambert", "y_l93", "y_lambert93", "y_lambert_93", "northing", "geocodage_y", "coordyet", "coord_y_l93", "ycoord"},
	FieldCRS: {"epsg", "crs", "srid", "srs", "code_epsg", "epsg_code", "geocodage_epsg", "projection", "systeme_de_coordonnees"},
	FieldPrecision: {
		"precision", "position_precision", "precision_localisation", "qualite_geoloc", "geocodage_precision", "niveau_geocodage", "geo_type", "result_type", "precision_geocodage",
	},
	FieldPositionSource: {"position_source", "source_geocodage", "sourcecoordet", "source_position", "geocoder"},
	FieldScore:          {"geocoding_score", "score_geocodage", "score_ban", "scoreban", "geo_score", "result_score", "score"},
	FieldWKT:            {"wkt", "geom", "geometry", "geometrie", "the_geom", "wkt_geom", "geom_wkt", "geometry_wkt"},
	FieldEdition:        {"edition", "millesime", "generation"},
}

var layerAliases = map[data.Layer]aliases{
	data.LayerSites: {
		FieldID:                 {"site_id", "id", "identifiant", "ident", "code", "reference", "ref", "uid", "fid"},
		FieldFINESS:             {"finess", "nofinesset", "no_finess_et", "num_finess", "numero_finess", "num_finess_et", "finess_et", "numFinessEge", "finess_geographique", "nofiness", "n_finess", "n_finess_et", "numero_finess_et", "code_finess", "finess_number"},
		FieldLegalEntity:        {"nofinessej", "finess_ej", "num_finess_ej", "no_finess_ej", "finess_juridique", "legal_entity_finess"},
		FieldName:               {"name", "nom", "raison_sociale_longue", "rslongue", "raison_sociale", "rs", "nom_etablissement", "denomination", "etablissement", "libelle", "label", "site_name"},
		FieldCategory:           {"category", "categorie", "categetab", "code_categorie", "cat_etab", "categorie_etablissement", "kind", "type", "type_etablissement", "nature"},
		FieldStatus:             {"status", "statut", "etat", "etat_objet", "etatObjet"},
		FieldCapacity:           {"capacity", "capacite", "places", "nb_places", "nombre_places", "nombre_de_places", "capacite_autorisee", "capacite_installee", "nbplaces"},
		FieldStreet:             {"address", "adresse", "street", "adresse_geographique", "voie", "rue", "adresse_complete", "adresse_postale", "ligne_adresse"},
		FieldPostalCode:         {"postal_code", "code_postal", "cp", "codepostal", "postcode", "codpos", "zip"},
		FieldPlacingDepartments: {"placing_departments"},
		FieldOpenedOn:           {"opened_on", "date_ouverture", "dateouv", "date_d_ouverture", "dateOuverture", "ouverture"},
		FieldClosedOn:           {"closed_on", "date_fermeture", "dateferm", "date_de_fermeture", "dateFermeture", "fermeture"},
	},
	data.LayerZones: {
		FieldID:       {"code_qp", "code_qpv", "codeqp", "code_quartier", "code_quartier_prioritaire", "code_qrr", "code_zsp", "code_zone", "zone_id", "code", "identifiant", "id", "ident", "reference", "ref"},
		FieldName:     {"lib_qp", "nom_qp", "nom_qpv", "lib_qpv", "nom_quartier", "lib_quartier", "libelle_quartier", "quartier_prioritaire", "quartier", "nom_qrr", "nom_zsp", "nom_zone", "name", "nom", "libelle", "lib", "label", "zone_name"},
		FieldCategory: {"kind", "type_zone", "zone_kind"},
		// Columns that bear a year (P18_POP, pop_2021) are recognised besides: see PopulationYear.
		FieldPopulation: {
			"population", "pop", "pmun", "pop_mun", "popmuni", "population_municipale", "pop_municipale", "pop_qp", "population_qp", "pop_qpv", "population_qpv",
			"population_totale", "pop_tot", "pop_totale", "ptot", "nb_habitants", "nombre_habitants", "habitants", "inhabitants",
		},
	},
	data.LayerPlaces: {
		FieldID: {"place_id", "identifiant_public_unite", "identifiant_de_l_etablissement", "uai", "numero_uai", "id", "identifiant", "code", "osm_id", "ident", "reference", "ref"},
		FieldName: {
			"name", "nom", "nomrs", "nom_etablissement", "service", "libelle", "denomination", "label", "nom_gare", "appellation_officielle", "etablissement",
		},
		FieldCategory: {"kind", "typequ", "type", "categorie", "category", "type_etablissement", "nature", "amenity"},
	},
	data.LayerAreas: {
		FieldID:         {"code", "id", "area_code"},
		FieldName:       {"nom", "name", "lib_com", "nom_com", "nom_commune", "libelle_commune", "libgeo", "lib_dep", "nom_dep", "nom_departement", "libelle_departement", "libelle", "lib"},
		FieldCategory:   {"level", "niveau"},
		FieldDepartment: {"insee_dep", "code_departement", "code_dept", "code_dep", "num_dep", "department_code", "dep_code", "dept", "dep", "codeDepartement"},
		FieldCommune:    {},
	},
}

// dbfNameLength is where a DBF file cuts the names of its columns, in bytes.
const dbfNameLength = 10

type fieldAlias struct {
	field Field
	rank  uint8 // 1 is best
}

// tables holds the aliases of each layer by folded name; built once, never written after.
var tables = sync.OnceValue(func() map[data.Layer]map[string]fieldAlias {
	all := make(map[data.Layer]map[string]fieldAlias)
	for layer, own := range layerAliases {
		t := make(map[string]fieldAlias)
		add := func(name string, fa fieldAlias) {
			// Where a name could mean two fields, the better rank has it, then the first field.
			if old, ok := t[name]; !ok || fa.rank < old.rank || fa.rank == old.rank && fa.field < old.field {
				t[name] = fa
			}
		}
		merged := maps.Clone(commonAliases)
		maps.Copy(merged, own)
		for f, names := range merged {
			for i, n := range names {
				add(FoldName(n), fieldAlias{f, uint8(i + 1)})
			}
		}
		for f, names := range merged {
			for i, n := range names {
				if len(n) > dbfNameLength {
					add(FoldName(n[:dbfNameLength]), fieldAlias{f, uint8(i + 100)})
				}
			}
		}
		all[layer] = t
	}
	return all
})

// FoldName reduces a column or property name to what is compared: lower case,
// without accents, spaces and punctuation ("Code_Insee", "CODE INSEE" and
// "codeInsee" are one).
func FoldName(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
