# Reads a collection with R's sf, whose GDAL does the work: VIGIE_TOKEN=… Rscript read.R URL
library(sf)
url <- commandArgs(trailingOnly = TRUE)
url <- if (length(url) > 0) url[1] else "http://127.0.0.1:8080"
Sys.setenv(GDAL_HTTP_USERPWD = paste0("token:", Sys.getenv("VIGIE_TOKEN")))
for (id in c("sites", "zones", "places", "departments")) {
  frame <- st_read(paste0("OAPIF:", url, "/api"), id, quiet = TRUE)
  cat(id, nrow(frame), as.character(unique(st_geometry_type(frame))), "\n")
  stopifnot(nrow(frame) > 0, st_crs(frame) == st_crs("OGC:CRS84"))
}
