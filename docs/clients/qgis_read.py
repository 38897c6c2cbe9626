"""Reads Vigie with QGIS, headless: VIGIE_TOKEN=… QT_QPA_PLATFORM=offscreen python3 qgis_read.py URL [masked|exact]

Features (the provider "OAPIF"), files (a GeoPackage and a CSV) and vector tiles, which
are drawn. QGIS keeps the token encrypted, in a folder that the script removes.
"""

import json
import os
import tempfile

home = tempfile.TemporaryDirectory()
# Before QGIS is loaded: neither the user's profile nor the user's passwords are touched.
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = os.environ["QGIS_AUTH_DB_DIR_PATH"] = home.name

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

import vigie


def authenticate():
    """The identifier of an authentication of QGIS that gives the token."""
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword(os.urandom(16).hex(), True)
    credentials = QgsAuthMethodConfig("Basic")
    credentials.setName("Vigie")
    credentials.setConfigMap({"username": "token", "password": os.environ["VIGIE_TOKEN"]})
    assert manager.storeAuthenticationConfig(credentials)[0]
    return credentials.id()


def check(layer, name, expected):
    """Fails unless the layer has as many features as expected, in longitude and latitude."""
    assert layer.isValid(), layer.error().message()
    features = list(layer.getFeatures())
    print(name, len(features), layer.crs().authid())
    assert len(features) == expected > 0
    assert layer.crs().isGeographic()
    return features


def check_masked(layer, features):
    boxes = [f.geometry().boundingBox() for f in features if f.hasGeometry()]
    vigie.check_masked(
        [f.name() for f in layer.fields()],
        [(b.xMinimum(), b.yMinimum(), b.xMaximum(), b.yMaximum()) for b in boxes],
    )


def read_features(auth):
    for name in vigie.COLLECTIONS:
        source = f"url='{vigie.URL}/api' typename='{name}' pageSize='7' authcfg={auth}"
        layer = QgsVectorLayer(source, name, "OAPIF")
        if not layer.crs().isValid():
            # QGIS 3.22 on a busy machine now and then opens its first layer without a CRS.
            layer = QgsVectorLayer(source, name, "OAPIF")
        features = check(layer, name, vigie.count(name))
        if name == "sites" and vigie.VIEW == "masked":
            check_masked(layer, features)
        elif name == "sites":
            assert {f.geometry().wkbType() for f in features if f.hasGeometry()} == {QgsWkbTypes.Point}


def read_files():
    for name in ["sites", "zones", "places"]:
        layer = QgsVectorLayer(vigie.download(name, "gpkg", home.name) + "|layername=" + name, name, "ogr")
        features = check(layer, name, vigie.in_file(name))
        if name == "sites":
            check_masked(layer, features)
        # Without detectTypes=no, département "01" would become the number 1.
        where = "xField=lon&yField=lat" if name == "places" else "wktField=wkt"
        path = vigie.download(name, "csv", home.name)
        layer = QgsVectorLayer(f"file://{path}?delimiter=,&detectTypes=no&{where}&crs=EPSG:4326", name, "delimitedtext")
        features = check(layer, name, vigie.in_file(name))
        if name == "sites":
            check_masked(layer, features)


def draw_tiles(auth):
    for name in ["areas", "zones", "places", "sites"]:
        described = json.loads(vigie.get(f"{vigie.URL}/api/collections/{name}/tiles/WebMercatorQuad?f=tilejson")[0])
        source = f"type=xyz&url={described['tiles'][0]}&zmin={described['minzoom']}&zmax={described['maxzoom']}&authcfg={auth}"
        layer = QgsVectorTileLayer(source, name)
        assert layer.isValid(), layer.error().message()
        assert layer.crs().authid() == "EPSG:3857"
        layer.setRenderer(QgsVectorTileBasicRenderer())
        layer.renderer().setStyles(QgsVectorTileBasicRenderer.simpleStyle(
            QColor("steelblue"), QColor("black"), 1, QColor("black"), 1, QColor("firebrick"), QColor("black"), 4))
        settings = QgsMapSettings()
        settings.setLayers([layer])
        settings.setOutputSize(QSize(512, 512))
        settings.setBackgroundColor(QColor("white"))
        settings.setDestinationCrs(layer.crs())
        geographic = QgsCoordinateReferenceSystem("EPSG:4326")
        to_map = QgsCoordinateTransform(geographic, layer.crs(), QgsProject.instance())
        settings.setExtent(to_map.transformBoundingBox(QgsRectangle(*described["bounds"])))
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        assert not job.errors(), job.errors()[0].message
        image = job.renderedImage()
        drawn = sum(image.pixelColor(x, y) != QColor("white") for x in range(512) for y in range(512))
        print(f"{name}: {100 * drawn / 512**2:.1f} % of the picture is drawn")
        assert drawn > 0
        if folder := os.environ.get("VIGIE_PICTURES"):
            assert image.save(os.path.join(folder, f"{vigie.VIEW}-{name}.png"))


app = QgsApplication([], False)
app.initQgis()
assert QgsCoordinateReferenceSystem("OGC:CRS84").isValid()
auth = authenticate()
print("== features")
read_features(auth)
print("== files")
read_files()
print("== tiles")
draw_tiles(auth)
if vigie.VIEW == "exact":
    assert vigie.exact_file_is_refused()
app.exitQgis()
home.cleanup()
