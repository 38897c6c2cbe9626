"""Reads a collection with QGIS, headless: VIGIE_TOKEN=… QT_QPA_PLATFORM=offscreen python3 qgis_read.py URL

By hand: Layer › Add layer › WFS / OGC API – Features, address URL/api, authentication
"Basic" with any user name and the token as the password.
"""

import os
import sys

from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsVectorLayer

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
app = QgsApplication([], False)
app.initQgis()
credentials = QgsAuthMethodConfig("Basic")
credentials.setName("Vigie")
credentials.setConfigMap({"username": "token", "password": os.environ["VIGIE_TOKEN"]})
manager = QgsApplication.authManager()
manager.setMasterPassword(os.urandom(16).hex(), True)
assert manager.storeAuthenticationConfig(credentials)[0]
for name in ["sites", "zones", "places", "departments"]:
    source = f"url='{url}/api' typename='{name}' pageSize='7' authcfg={credentials.id()}"
    layer = QgsVectorLayer(source, name, "OAPIF")
    assert layer.isValid(), layer.error().message()
    read = sum(1 for _ in layer.getFeatures())
    print(name, read, layer.crs().authid())
    assert read > 0
app.exitQgis()
