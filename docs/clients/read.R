# Reads Vigie with R's sf: VIGIE_TOKEN=… Rscript read.R URL [masked|exact]
# Features through sf's own GDAL, then a GeoPackage and a GeoJSON that R downloads.
library(sf)
arguments <- commandArgs(trailingOnly = TRUE)
url <- if (length(arguments) > 0) arguments[1] else "http://127.0.0.1:8080"
view <- if (length(arguments) > 1) arguments[2] else "masked"
token <- Sys.getenv("VIGIE_TOKEN")
Sys.setenv(GDAL_HTTP_USERPWD = paste0("token:", token))

# A masked home is a cell of a kilometre or more, and has none of the columns that tell more.
check_masked <- function(frame) {
  allowed <- "^(fid|id|site_id|kind|category|department_code|cell|cell_size_m|exposure_class|release|[a-z0-9_]+_band)$"
  columns <- setdiff(names(frame), attr(frame, "sf_column"))
  stopifnot(grepl(allowed, columns))
  cells <- st_geometry(frame)[!st_is_empty(frame)]
  stopifnot(length(cells) > 0)
  for (cell in cells) {
    box <- st_bbox(cell)
    stopifnot(box["xmax"] - box["xmin"] > 0.0089, box["ymax"] - box["ymin"] > 0.0089)
  }
}

# Fetches a collection as a file. Homes are masked: an exact file needs the approval of a
# second person, given for that file alone.
fetch <- function(id, format) {
  path <- tempfile(fileext = paste0(".", format))
  address <- paste0(url, "/api/collections/", id, "/items?limit=10000&f=", format, if (id == "sites") "&precision=masked")
  download.file(address, path, method = "libcurl", mode = "wb", quiet = TRUE,
                headers = c(Authorization = paste("Bearer", token)))
  path
}

for (id in c("sites", "zones", "places", "departments")) {
  frame <- st_read(paste0("OAPIF:", url, "/api"), id, quiet = TRUE)
  cat(id, nrow(frame), as.character(unique(st_geometry_type(frame))), "\n")
  stopifnot(nrow(frame) > 0, st_crs(frame) == st_crs("OGC:CRS84"))
  if (id == "sites" && view == "masked") check_masked(frame)
  if (id == "sites" && view == "exact") stopifnot(st_geometry_type(frame) == "POINT", "address" %in% names(frame))
  if (id == "departments") next
  # Masked homes may be fewer than those an exact viewer sees: files are compared with each other.
  rows <- if (id == "sites") nrow(st_read(fetch(id, "geojson"), quiet = TRUE)) else nrow(frame)
  for (format in c("gpkg", "geojson")) {
    copy <- st_read(fetch(id, format), quiet = TRUE)
    cat(id, format, nrow(copy), st_crs(copy)$input, "\n")
    stopifnot(nrow(copy) == rows, nrow(copy) > 0, st_crs(copy) == st_crs(4326))
    if (id == "sites") check_masked(copy)
  }
}
if (view == "exact") {
  refused <- tryCatch({
    suppressWarnings(download.file(paste0(url, "/api/collections/sites/items?f=gpkg"), tempfile(), method = "libcurl",
                                   quiet = TRUE, headers = c(Authorization = paste("Bearer", token))))
    FALSE
  }, error = function(e) TRUE)
  stopifnot(refused)
}
