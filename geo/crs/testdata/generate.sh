#!/bin/sh
# Makes the reference files of this folder with PROJ's cs2cs, geod and projinfo
# (Debian package proj-bin, PROJ 9.1.1). Run it here: ./generate.sh
set -eu
cd "$(dirname "$0")"

# points.csv: five points of the area of use of each CRS, by PROJ.
# code west south east north (degrees)
areas='3857 -5 41 10 51
3035 -35 25 44 84
2154 -5.5 41.2 9.8 51.3
9794 -5.5 41.2 9.8 51.3
3942 -1.06 41.31 9.63 43.07
3943 -1.79 42.33 7.65 44.01
3944 -1.79 42.92 7.71 45
3945 -1.46 44 7.71 46
3946 -2.21 45 7.16 47
3947 -4.77 46 7.63 48
3948 -4.87 47 8.23 49
3949 -4.87 48 8.23 50
3950 -2.03 49 8.08 51.14
5490 -63.66 14.08 -60 18.31
4559 -63.66 14.08 -60 18.31
32620 -66 0 -60 20
32621 -60 40 -54 50
32622 -54.6 2 -49 9
2972 -54.6 2.17 -49.45 8.88
3313 -54.61 2.11 -54 5.69
2975 54 -24.72 58.24 -18.28
32740 54 -24.72 58.24 -18.28
4471 43.68 -14.49 46.7 -11.33
32738 43.68 -14.49 46.7 -11.33
4467 -57.1 43.41 -55.9 47.37
3296 -158.13 -26.7 -150 -12.5
3297 -150 -31.2 -144 -7.29
3298 -144 -31.24 -138 -4.52
3299 -138 -26.58 -131.97 -5.52
32705 -156 -28 -150 -7
32706 -150 -28 -144 -7
32707 -144 -28 -138 -7
8903 -179.9 -15.94 -174.27 -9.84
32701 -179.9 -15.94 -174.27 -9.84
3163 163.54 -22.73 168.19 -19.5
32630 -6 42 0 51
32631 0 42 6 51
25832 6 41 10 51
4171 -5 42 8 51
4258 -5 42 8 51'
{
	echo '# EPSG code, WGS84 longitude and latitude (degrees), easting and northing (metres; degrees for geographic CRSs)'
	echo "$areas" | while read -r code w s e n; do
		awk -v w="$w" -v s="$s" -v e="$e" -v n="$n" 'BEGIN {
			split("0.02 0.97 0.5 0.13 0.88", fx); split("0.05 0.93 0.5 0.77 0.21", fy)
			for (i = 1; i <= 5; i++) printf "%.7f %.7f\n", w + fx[i] * (e - w), s + fy[i] * (n - s)
		}' >points.tmp
		pipeline='s/\t/ /g; s/ [^ ]*$//; s/ /,/'
		# Geographic CRSs answer latitude first, LAEA Europe the northing.
		case $code in 3035 | 4171 | 4258) pipeline="$pipeline; s/\\(.*\\),\\(.*\\)/\\2,\\1/" ;; esac
		cs2cs -f %.9f OGC:CRS84 "EPSG:$code" <points.tmp | sed "$pipeline" >projected.tmp
		paste -d, points.tmp projected.tmp | sed "s/ /,/; s/^/$code,/"
	done
} >points.csv

# geodesics.csv: shortest paths on the WGS84 ellipsoid, by geod.
{
	echo '# longitude and latitude of p, longitude and latitude of q (degrees), length (metres), azimuth at p (degrees)'
	while read -r x1 y1 x2 y2; do
		echo "$y1 $x1 $y2 $x2" | geod -I +ellps=WGS84 -f %.9f -F %.6f |
			awk -v a="$x1,$y1,$x2,$y2" '{az = $1 < 0 ? $1 + 360 : $1; printf "%s,%s,%.9f\n", a, $3, az}'
	done <<-EOF
		2 48 2.00001 48.00001
		2 48 2.001 48
		2 48 2 48.005
		2 48 2.1 48.1
		5 45 4.3 45.7
		-1.5 47 7.5 43.5
		9 42 -4.5 48.4
		2.3 51 2.3 42
		-61.5 16.2 -61 14.6
		-52.3 4.9 -53.9 5.5
		55.4 -21 55.6 -21.2
		45.1 -12.8 45.2 -12.9
		-56.2 46.8 -56.3 47.1
		-149.5 -17.6 -151.4 -16.8
		-179.9 -14 179.9 -14.2
		166.4 -22.2 167.2 -20.9
		0 0 10 0
		0 0 0 10
		0 89.9 180 89.9
		10 90 20 45
		-30 -90 20 90
		2 48 -61 16
		2 48 166 -22
		0 30 179.5 -29
		0 0 179.7 0.2
		0 0 179.9 0
		0 0 180 0
		0 0.5 179.5 -0.4
		2 48 -178.2 -47.9
		2 48 -178 -48
		0 -30 179.8 30.1
	EOF
} >geodesics.csv

# wkt.txt: what projinfo writes, one definition a line: code, dialect, definition
# (without its area of use).
: >wkt.txt
for code in 2154 3035 9794 3942 3946 3950 5490 4559 32620 2972 2975 4471 4467 3297 32706 8903 3163 25831 3857 4171 4258 4470 4687; do
	for dialect in WKT1_ESRI WKT1_GDAL WKT2:2019; do
		printf '%s %s %s\n' "$code" "$dialect" "$(projinfo "EPSG:$code" -o "$dialect" -q --single-line | tr -d '\n')" |
			sed -E 's/USAGE\[SCOPE\["[^"]*"\],AREA\["[^"]*"\],BBOX\[[^]]*\]\],//' >>wkt.txt
	done
done
rm -f points.tmp projected.tmp
