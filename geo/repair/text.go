package repair

// phrase says what was found and what was done about it.
type phrase struct{ fr, en string }

// phraseOf returns the sentence of a kind; the French has a no-break space before colons.
func phraseOf(k Kind) phrase {
	switch k {
	case NonFinite:
		return phrase{
			"Coordonnée qui n’est pas un nombre\u00a0: le point a été écarté, le tracé peut être incomplet à cet endroit.",
			"Coordinate that is not a number: the point was left out, the outline may be incomplete there.",
		}
	case OutOfRange:
		return phrase{
			"Longitude hors de [−180, 180] ou latitude hors de [−90, 90]\u00a0: le point a été écarté, le tracé peut être incomplet à cet endroit.",
			"Longitude outside [−180, 180] or latitude outside [−90, 90]: the point was left out, the outline may be incomplete there.",
		}
	case UnclosedRing:
		return phrase{
			"Contour non fermé\u00a0: il a été fermé par un segment droit.",
			"Ring not closed: it was closed by a straight segment.",
		}
	case RepeatedPoint:
		return phrase{
			"Point répété\u00a0: il n’a été gardé qu’une fois.",
			"Repeated point: it was kept once.",
		}
	case TooFewPoints:
		return phrase{
			"Contour de moins de trois points différents\u00a0: sans surface, il a été écarté.",
			"Ring of fewer than three different points: it has no area and was left out.",
		}
	case Orientation:
		return phrase{
			"Sens du contour contraire à la RFC 7946\u00a0: il a été inversé.",
			"Ring direction contrary to RFC 7946: it was reversed.",
		}
	case Spike:
		return phrase{
			"Pointe sans surface (aller et retour sur la même ligne)\u00a0: elle a été coupée.",
			"Spike without area (out and back along the same line): it was cut off.",
		}
	case SelfCrossing:
		return phrase{
			"Contour qui se croise\u00a0: il a été découpé en ses boucles (règle pair-impair).",
			"Ring that crosses itself: it was split into its loops (even-odd rule).",
		}
	case SelfTouching:
		return phrase{
			"Contour qui se touche en un point\u00a0: il y a été séparé.",
			"Ring that touches itself at a point: it was split there.",
		}
	case HoleOutsideShell:
		return phrase{
			"Trou situé hors du contour extérieur\u00a0: il est devenu une partie de la zone.",
			"Hole outside the outer ring: it became a part of the zone.",
		}
	case HoleCrossingShell:
		return phrase{
			"Trou qui croise le contour extérieur\u00a0: ce qui dépasse est devenu une partie de la zone.",
			"Hole that crosses the outer ring: what lies outside became a part of the zone.",
		}
	case HoleAlongShell:
		return phrase{
			"Trou qui longe le contour extérieur\u00a0: les deux ont été fondus en un seul tracé.",
			"Hole that runs along the outer ring: both were merged into one outline.",
		}
	case HolesMeeting:
		return phrase{
			"Trous qui se croisent ou se longent\u00a0: ils ont été recomposés (règle pair-impair).",
			"Holes that cross or run along each other: they were recomposed (even-odd rule).",
		}
	case NestedHoles:
		return phrase{
			"Trou dans un trou\u00a0: il est devenu une partie de la zone.",
			"Hole inside a hole: it became a part of the zone.",
		}
	case DisconnectedInterior:
		return phrase{
			"Contours qui, en se touchant, coupent la surface en morceaux\u00a0: chaque morceau est devenu une partie.",
			"Rings that touch so as to cut the area in pieces: each piece became a part.",
		}
	case OverlappingParts:
		return phrase{
			"Parties qui se recouvrent\u00a0: elles ont été réunies.",
			"Overlapping parts: they were united.",
		}
	case TooTangled:
		return phrase{
			"Tracé enchevêtré, aux croisements innombrables\u00a0: il a été écarté.",
			"Tangled outline with countless crossings: it was left out.",
		}
	case AdjoiningParts:
		return phrase{
			"Parties qui ont une limite commune\u00a0: elles ont été réunies.",
			"Parts with a common border: they were united.",
		}
	case ZeroArea:
		return phrase{
			"Aucune surface\u00a0: ce tracé ne couvre rien et a été écarté.",
			"No area: this outline covers nothing and was left out.",
		}
	}
	return phrase{string(k), string(k)}
}

// FR says in French what was found and what was done.
func (k Kind) FR() string { return phraseOf(k).fr }

// EN says in English what was found and what was done.
func (k Kind) EN() string { return phraseOf(k).en }

// Kinds returns all kinds, from positions to the whole.
func Kinds() []Kind {
	return []Kind{
		NonFinite, OutOfRange, UnclosedRing, RepeatedPoint, TooFewPoints, Orientation, Spike, SelfCrossing, SelfTouching,
		HoleOutsideShell, HoleCrossingShell, HoleAlongShell, HolesMeeting, NestedHoles, DisconnectedInterior,
		OverlappingParts, AdjoiningParts, TooTangled, ZeroArea,
	}
}
