package score

// DefaultJSON is the built-in profile as a document, ready to be copied and adapted.
func DefaultJSON() []byte { return []byte(defaultProfile) }

// Default is the built-in profile. Its weights are equal between the pillars, and
// nobody has elicited them: a département replaces it by its own.
func Default() *Profile {
	p, err := ParseProfile([]byte(defaultProfile))
	if err != nil {
		panic("score: the built-in profile is invalid: " + err.Error())
	}
	return p
}

const defaultProfile = `{
  "format": "vigie-score-profile/1",
  "name": "vigie-default",
  "version": "1.2.0",
  "description": {
    "fr": "Profil fourni avec Vigie. L’exposition du lieu n’est pas la probabilité qu’un enfant soit victime. À remplacer par celui que le département élabore.",
    "en": "Profile that comes with Vigie. The exposure of a place is not the probability that a child is a victim. To be replaced by the one the département elicits."
  },
  "elicitation": {
    "by": "Vigie",
    "on": "2026-11-25",
    "method": {
      "fr": "Aucune consultation\u00a0: poids égaux entre les piliers (OCDE/JRC 2008, chapitre 6) et, dans chaque pilier, poids doublé pour ce qui touche le plus directement la sécurité (QRR, police ou gendarmerie).",
      "en": "No consultation: equal weights between pillars (OECD/JRC 2008, chapter 6) and, within each, twice the weight for what bears on safety most directly (QRR, police or gendarmerie)."
    }
  },
  "pillars": [
    {
      "id": "environment",
      "label": {
        "fr": "Environnement",
        "en": "Environment"
      },
      "weight": 1
    },
    {
      "id": "guardianship_deficit",
      "label": {
        "fr": "Éloignement des recours (police, école, hôpital)",
        "en": "Guardianship deficit (police, school, hospital)"
      },
      "weight": 1
    }
  ],
  "entries": [
    {
      "indicator": "qpv_nearest_zone_distance_m",
      "pillar": "environment",
      "weight": 1,
      "goalposts": [2000, 0],
      "transform": "linear",
      "reason": {
        "fr": "Au-delà de 2\u202fkm (environ 25\u00a0minutes à pied), un quartier ne fait plus partie des trajets quotidiens à pied\u00a0; 0 veut dire dedans. Critère de revenu, pesé à part des zones de sécurité.",
        "en": "Beyond 2 km (about 25 minutes on foot) a neighbourhood is no longer part of everyday walks; 0 means inside. An income criterion, weighted apart from security zones."
      }
    },
    {
      "indicator": "qpv_zone_share_500m",
      "pillar": "environment",
      "weight": 1,
      "goalposts": [0, 0.5],
      "transform": "linear",
      "reason": {
        "fr": "La moitié du disque est ce que voit un lieu posé sur le bord droit d’un grand quartier\u00a0; 500\u202fm est la bande de la TVA réduite autour des QPV.",
        "en": "Half of the disc is what a place on the straight edge of a large neighbourhood has; 500 m is the band of the reduced VAT rule around QPVs."
      }
    },
    {
      "indicator": "qrr_nearest_zone_distance_m",
      "pillar": "environment",
      "weight": 2,
      "goalposts": [2000, 0],
      "transform": "linear",
      "reason": {
        "fr": "Même portée à pied que pour les QPV\u00a0; poids doublé, car la désignation repose sur des faits de délinquance.",
        "en": "Same reach on foot as for QPVs; twice the weight, because the designation rests on recorded crime."
      }
    },
    {
      "indicator": "zsp_nearest_zone_distance_m",
      "pillar": "environment",
      "weight": 0.5,
      "goalposts": [2000, 0],
      "transform": "linear",
      "reason": {
        "fr": "Même portée à pied\u00a0; demi-poids, car ces zones datent de 2012 à 2014 et les QRR les ont en partie remplacées.",
        "en": "Same reach on foot; half weight, because these zones date from 2012 to 2014 and QRRs have replaced part of them."
      }
    },
    {
      "indicator": "nearest_hotel_distance_m",
      "pillar": "environment",
      "weight": 1,
      "goalposts": [450, 0],
      "transform": "linear",
      "reason": {
        "fr": "450\u202fm est la plus longue bande d’influence d’un lieu retenue dans la modélisation des terrains à risque (Caplan et Kennedy).",
        "en": "450 m is the longest band of influence of a place that is used in risk terrain modelling (Caplan and Kennedy)."
      }
    },
    {
      "indicator": "crime_context_rate",
      "pillar": "environment",
      "weight": 1,
      "goalposts": [1, 6],
      "transform": "linear",
      "reason": {
        "fr": "De la moitié à trois fois le taux national de coups et blessures hors cadre familial (2,1\u202f‰ en 2022, SSMSI). Contexte communal, jamais un fait du lieu. Un taux non publié est bas plutôt que quelconque\u00a0: il faut plus de 5\u00a0faits trois années de suite pour qu’il le soit, et 5\u00a0faits par an font 2,5\u202f‰ pour 2\u202f000\u00a0habitants. Il est donc tiré entre 0 et 0,3 (de 1 à 2,5\u202f‰). Sans aucune statistique chargée, donner à cet indicateur un poids nul.",
        "en": "From half to three times the national rate of assault outside the family (2.1 ‰ in 2022, SSMSI). Context of the commune, never a fact about the place. A rate that is not published is low rather than anything: it takes more than 5 facts in three successive years, and 5 facts a year are 2.5 ‰ for 2,000 inhabitants. It is therefore drawn between 0 and 0.3 (1 to 2.5 ‰). Without any statistics loaded, give this indicator a weight of 0."
      },
      "unknown": {"low": 0, "high": 0.3}
    },
    {
      "indicator": "deprivation_share",
      "pillar": "environment",
      "weight": 1,
      "goalposts": [0.1, 0.4],
      "transform": "linear",
      "reason": {
        "fr": "Un dixième est en dessous du taux national de pauvreté (environ 15\u00a0%)\u00a0; quatre dixièmes sont de l’ordre de celui des quartiers prioritaires (Insee). À 500\u202fm autour du lieu, à défaut dans la commune\u00a0: une seule des deux compte.",
        "en": "A tenth is below the national poverty rate (about 15%); four tenths are about that of priority neighbourhoods (Insee). Within 500 m of the place, otherwise in the commune: only one of the two counts."
      }
    },
    {
      "indicator": "nearest_police_distance_m",
      "pillar": "guardianship_deficit",
      "weight": 2,
      "goalposts": [500, 10000],
      "transform": "linear",
      "reason": {
        "fr": "À 500\u202fm une unité est à portée de marche\u00a0; à 10\u202fkm il faut environ un quart d’heure en voiture.",
        "en": "At 500 m a unit is within a walk; 10 km is about a quarter of an hour by car."
      }
    },
    {
      "indicator": "nearest_school_distance_m",
      "pillar": "guardianship_deficit",
      "weight": 1,
      "goalposts": [500, 5000],
      "transform": "linear",
      "reason": {
        "fr": "À 500\u202fm l’école se rejoint à pied sans accompagnement\u00a0; à 5\u202fkm elle dépend d’un transport, et ses adultes ne voient pas le quartier.",
        "en": "At 500 m school can be walked to alone; at 5 km it depends on transport, and its adults do not see the neighbourhood."
      }
    },
    {
      "indicator": "nearest_hospital_distance_m",
      "pillar": "guardianship_deficit",
      "weight": 1,
      "goalposts": [2000, 30000],
      "transform": "linear",
      "reason": {
        "fr": "À 2\u202fkm l’hôpital est dans la ville\u00a0; 30\u202fkm est environ une demi-heure de route, seuil usuel d’accès aux urgences.",
        "en": "At 2 km the hospital is in town; 30 km is about half an hour by road, the usual threshold of access to emergency care."
      }
    }
  ],
  "aggregation": "geometric_on_safety",
  "cap": 0.99,
  "classes": {
    "bounds": [20, 40, 60, 80],
    "labels": [
      {
        "fr": "très faible",
        "en": "very low"
      },
      {
        "fr": "faible",
        "en": "low"
      },
      {
        "fr": "moyenne",
        "en": "medium"
      },
      {
        "fr": "forte",
        "en": "high"
      },
      {
        "fr": "très forte",
        "en": "very high"
      }
    ]
  },
  "class_probability": 0.8,
  "interval": 0.9,
  "draws": 2000,
  "seed": 20260101,
  "unknown": {"low": 0, "high": 1}
}
`
