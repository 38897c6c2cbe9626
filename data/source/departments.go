package source

import "github.com/paulmach/orb"

// departmentExtents are the boxes around the land of each département and overseas
// collectivity, by INSEE code: west, south, east, north in degrees (CRS84), rounded
// outwards. Source: départements, ANCT 2026 (Licence Ouverte 2.0); for 975, 977, 978,
// 986, 987 and 988, the legal extents of the territories.
var departmentExtents = map[string]orb.Bound{
	"01":  {Min: orb.Point{4.72, 45.61}, Max: orb.Point{6.17, 46.52}},
	"02":  {Min: orb.Point{2.95, 48.83}, Max: orb.Point{4.26, 50.07}},
	"03":  {Min: orb.Point{2.27, 45.93}, Max: orb.Point{4.01, 46.81}},
	"04":  {Min: orb.Point{5.49, 43.66}, Max: orb.Point{6.97, 44.66}},
	"05":  {Min: orb.Point{5.41, 44.18}, Max: orb.Point{7.08, 45.13}},
	"06":  {Min: orb.Point{6.63, 43.48}, Max: orb.Point{7.72, 44.37}},
	"07":  {Min: orb.Point{3.86, 44.26}, Max: orb.Point{4.89, 45.37}},
	"08":  {Min: orb.Point{4.02, 49.22}, Max: orb.Point{5.4, 50.17}},
	"09":  {Min: orb.Point{0.82, 42.57}, Max: orb.Point{2.18, 43.32}},
	"10":  {Min: orb.Point{3.38, 47.92}, Max: orb.Point{4.87, 48.72}},
	"11":  {Min: orb.Point{1.68, 42.64}, Max: orb.Point{3.25, 43.47}},
	"12":  {Min: orb.Point{1.83, 43.69}, Max: orb.Point{3.46, 44.95}},
	"13":  {Min: orb.Point{4.23, 43.16}, Max: orb.Point{5.82, 43.93}},
	"14":  {Min: orb.Point{-1.16, 48.75}, Max: orb.Point{0.45, 49.43}},
	"15":  {Min: orb.Point{2.06, 44.61}, Max: orb.Point{3.38, 45.49}},
	"16":  {Min: orb.Point{-0.47, 45.19}, Max: orb.Point{0.95, 46.14}},
	"17":  {Min: orb.Point{-1.57, 45.08}, Max: orb.Point{0.01, 46.38}},
	"18":  {Min: orb.Point{1.77, 46.42}, Max: orb.Point{3.08, 47.63}},
	"19":  {Min: orb.Point{1.22, 44.92}, Max: orb.Point{2.53, 45.77}},
	"21":  {Min: orb.Point{4.06, 46.9}, Max: orb.Point{5.52, 48.04}},
	"22":  {Min: orb.Point{-3.67, 48.03}, Max: orb.Point{-1.9, 48.87}},
	"23":  {Min: orb.Point{1.37, 45.66}, Max: orb.Point{2.62, 46.46}},
	"24":  {Min: orb.Point{-0.05, 44.57}, Max: orb.Point{1.45, 45.72}},
	"25":  {Min: orb.Point{5.69, 46.55}, Max: orb.Point{7.07, 47.58}},
	"26":  {Min: orb.Point{4.64, 44.11}, Max: orb.Point{5.84, 45.35}},
	"27":  {Min: orb.Point{0.29, 48.66}, Max: orb.Point{1.81, 49.49}},
	"28":  {Min: orb.Point{0.75, 47.95}, Max: orb.Point{2, 48.95}},
	"29":  {Min: orb.Point{-5.15, 47.76}, Max: orb.Point{-3.38, 48.76}},
	"2A":  {Min: orb.Point{8.53, 41.36}, Max: orb.Point{9.41, 42.39}},
	"2B":  {Min: orb.Point{8.57, 41.83}, Max: orb.Point{9.56, 43.02}},
	"30":  {Min: orb.Point{3.26, 43.46}, Max: orb.Point{4.85, 44.46}},
	"31":  {Min: orb.Point{0.44, 42.69}, Max: orb.Point{2.05, 43.93}},
	"32":  {Min: orb.Point{-0.29, 43.31}, Max: orb.Point{1.21, 44.08}},
	"33":  {Min: orb.Point{-1.27, 44.19}, Max: orb.Point{0.32, 45.58}},
	"34":  {Min: orb.Point{2.53, 43.21}, Max: orb.Point{4.2, 43.98}},
	"35":  {Min: orb.Point{-2.29, 47.63}, Max: orb.Point{-1.01, 48.71}},
	"36":  {Min: orb.Point{0.86, 46.34}, Max: orb.Point{2.21, 47.28}},
	"37":  {Min: orb.Point{0.05, 46.73}, Max: orb.Point{1.37, 47.71}},
	"38":  {Min: orb.Point{4.74, 44.69}, Max: orb.Point{6.36, 45.89}},
	"39":  {Min: orb.Point{5.25, 46.26}, Max: orb.Point{6.21, 47.31}},
	"40":  {Min: orb.Point{-1.53, 43.48}, Max: orb.Point{0.14, 44.54}},
	"41":  {Min: orb.Point{0.58, 47.18}, Max: orb.Point{2.25, 48.14}},
	"42":  {Min: orb.Point{3.69, 45.23}, Max: orb.Point{4.77, 46.28}},
	"43":  {Min: orb.Point{3.08, 44.74}, Max: orb.Point{4.5, 45.43}},
	"44":  {Min: orb.Point{-2.56, 46.86}, Max: orb.Point{-0.94, 47.84}},
	"45":  {Min: orb.Point{1.51, 47.48}, Max: orb.Point{3.13, 48.35}},
	"46":  {Min: orb.Point{0.98, 44.2}, Max: orb.Point{2.22, 45.05}},
	"47":  {Min: orb.Point{-0.15, 43.97}, Max: orb.Point{1.08, 44.77}},
	"48":  {Min: orb.Point{2.98, 44.11}, Max: orb.Point{4, 44.98}},
	"49":  {Min: orb.Point{-1.36, 46.96}, Max: orb.Point{0.24, 47.81}},
	"50":  {Min: orb.Point{-1.95, 48.45}, Max: orb.Point{-0.73, 49.73}},
	"51":  {Min: orb.Point{3.39, 48.51}, Max: orb.Point{5.04, 49.41}},
	"52":  {Min: orb.Point{4.62, 47.57}, Max: orb.Point{5.9, 48.69}},
	"53":  {Min: orb.Point{-1.24, 47.73}, Max: orb.Point{-0.04, 48.57}},
	"54":  {Min: orb.Point{5.42, 48.34}, Max: orb.Point{7.13, 49.57}},
	"55":  {Min: orb.Point{4.88, 48.4}, Max: orb.Point{5.86, 49.62}},
	"56":  {Min: orb.Point{-3.74, 47.28}, Max: orb.Point{-2.03, 48.21}},
	"57":  {Min: orb.Point{5.89, 48.52}, Max: orb.Point{7.65, 49.52}},
	"58":  {Min: orb.Point{2.84, 46.65}, Max: orb.Point{4.24, 47.59}},
	"59":  {Min: orb.Point{2.08, 49.96}, Max: orb.Point{4.24, 51.09}},
	"60":  {Min: orb.Point{1.68, 49.06}, Max: orb.Point{3.17, 49.77}},
	"61":  {Min: orb.Point{-0.87, 48.18}, Max: orb.Point{0.98, 48.98}},
	"62":  {Min: orb.Point{1.55, 50.02}, Max: orb.Point{3.19, 51.01}},
	"63":  {Min: orb.Point{2.38, 45.28}, Max: orb.Point{3.99, 46.26}},
	"64":  {Min: orb.Point{-1.8, 42.77}, Max: orb.Point{0.03, 43.6}},
	"65":  {Min: orb.Point{-0.33, 42.67}, Max: orb.Point{0.65, 43.62}},
	"66":  {Min: orb.Point{1.72, 42.33}, Max: orb.Point{3.18, 42.92}},
	"67":  {Min: orb.Point{6.94, 48.12}, Max: orb.Point{8.23, 49.08}},
	"68":  {Min: orb.Point{6.84, 47.42}, Max: orb.Point{7.63, 48.32}},
	"69":  {Min: orb.Point{4.24, 45.45}, Max: orb.Point{5.16, 46.31}},
	"70":  {Min: orb.Point{5.37, 47.25}, Max: orb.Point{6.83, 48.03}},
	"71":  {Min: orb.Point{3.62, 46.15}, Max: orb.Point{5.47, 47.16}},
	"72":  {Min: orb.Point{-0.45, 47.56}, Max: orb.Point{0.92, 48.49}},
	"73":  {Min: orb.Point{5.62, 45.05}, Max: orb.Point{7.19, 45.94}},
	"74":  {Min: orb.Point{5.8, 45.68}, Max: orb.Point{7.05, 46.41}},
	"75":  {Min: orb.Point{2.22, 48.81}, Max: orb.Point{2.47, 48.91}},
	"76":  {Min: orb.Point{0.06, 49.25}, Max: orb.Point{1.8, 50.08}},
	"77":  {Min: orb.Point{2.39, 48.12}, Max: orb.Point{3.56, 49.12}},
	"78":  {Min: orb.Point{1.44, 48.43}, Max: orb.Point{2.23, 49.09}},
	"79":  {Min: orb.Point{-0.91, 45.96}, Max: orb.Point{0.23, 47.11}},
	"80":  {Min: orb.Point{1.38, 49.57}, Max: orb.Point{3.21, 50.37}},
	"81":  {Min: orb.Point{1.53, 43.38}, Max: orb.Point{2.94, 44.21}},
	"82":  {Min: orb.Point{0.73, 43.77}, Max: orb.Point{2, 44.4}},
	"83":  {Min: orb.Point{5.65, 42.98}, Max: orb.Point{6.94, 43.81}},
	"84":  {Min: orb.Point{4.64, 43.65}, Max: orb.Point{5.76, 44.44}},
	"85":  {Min: orb.Point{-2.4, 46.26}, Max: orb.Point{-0.53, 47.09}},
	"86":  {Min: orb.Point{-0.11, 46.04}, Max: orb.Point{1.22, 47.18}},
	"87":  {Min: orb.Point{0.62, 45.43}, Max: orb.Point{1.92, 46.41}},
	"88":  {Min: orb.Point{5.39, 47.81}, Max: orb.Point{7.2, 48.52}},
	"89":  {Min: orb.Point{2.84, 47.31}, Max: orb.Point{4.35, 48.4}},
	"90":  {Min: orb.Point{6.75, 47.43}, Max: orb.Point{7.15, 47.83}},
	"91":  {Min: orb.Point{1.91, 48.28}, Max: orb.Point{2.59, 48.78}},
	"92":  {Min: orb.Point{2.14, 48.72}, Max: orb.Point{2.34, 48.96}},
	"93":  {Min: orb.Point{2.28, 48.8}, Max: orb.Point{2.61, 49.02}},
	"94":  {Min: orb.Point{2.3, 48.68}, Max: orb.Point{2.62, 48.87}},
	"95":  {Min: orb.Point{1.6, 48.9}, Max: orb.Point{2.6, 49.24}},
	"971": {Min: orb.Point{-61.81, 15.83}, Max: orb.Point{-61, 16.52}},
	"972": {Min: orb.Point{-61.23, 14.39}, Max: orb.Point{-60.81, 14.88}},
	"973": {Min: orb.Point{-54.61, 2.11}, Max: orb.Point{-51.61, 5.75}},
	"974": {Min: orb.Point{55.21, -21.39}, Max: orb.Point{55.84, -20.87}},
	"975": {Min: orb.Point{-56.6, 46.7}, Max: orb.Point{-56, 47.2}},
	"976": {Min: orb.Point{45.01, -13.01}, Max: orb.Point{45.3, -12.63}},
	"977": {Min: orb.Point{-63, 17.8}, Max: orb.Point{-62.7, 18}},
	"978": {Min: orb.Point{-63.3, 17.9}, Max: orb.Point{-62.9, 18.2}},
	"986": {Min: orb.Point{-178.4, -14.5}, Max: orb.Point{-176, -13.1}},
	"987": {Min: orb.Point{-155, -28}, Max: orb.Point{-134, -7.5}},
	"988": {Min: orb.Point{163.4, -22.8}, Max: orb.Point{168.3, -19.4}},
}

// archipelagos are boxes around the inhabited islands of French Polynesia and
// Wallis-et-Futuna, whose extents are mostly sea. Rapa is left out: its projected
// coordinates are also those of the Aisne.
var archipelagos = []orb.Bound{
	{Min: orb.Point{-154.8, -18.0}, Max: orb.Point{-147.8, -15.7}},  // Society
	{Min: orb.Point{-149.0, -19.5}, Max: orb.Point{-136.0, -14.0}},  // Tuamotu
	{Min: orb.Point{-135.3, -23.5}, Max: orb.Point{-134.5, -22.8}},  // Gambier
	{Min: orb.Point{-141.0, -10.7}, Max: orb.Point{-138.3, -7.7}},   // Marquesas
	{Min: orb.Point{-152.9, -24.1}, Max: orb.Point{-147.4, -22.2}},  // Australs
	{Min: orb.Point{-176.4, -13.5}, Max: orb.Point{-176.0, -13.1}},  // Wallis
	{Min: orb.Point{-178.3, -14.45}, Max: orb.Point{-177.9, -14.1}}, // Futuna
}

// onLand tells whether a point (lon, lat) is near the land of a French territory,
// more strictly than crs.Legal.
func onLand(p orb.Point) bool {
	for _, box := range archipelagos {
		if box.Contains(p) {
			return true
		}
	}
	for code, box := range departmentExtents {
		if code != "986" && code != "987" && box.Pad(departmentMargin).Contains(p) {
			return true
		}
	}
	return false
}
