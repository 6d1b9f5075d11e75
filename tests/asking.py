"""One process of a race: asks the application about each payload of a file, as soon as the starting file is there.

Arguments: data directory, database URL, API ID, API key, starting file, file of payloads. Prints the codes as JSON.
"""

import json
import sys
import time
from pathlib import Path

from site_client import SiteClient

from keychain import logs
from keychain.app import create_app, utc_now
from keychain.settings import Settings

if __name__ == "__main__":
    data_dir, url, api_id, api_key, starting, payloads = sys.argv[1:]
    logs.configure("ERROR")
    app = create_app(Settings(data_dir=Path(data_dir), database_url=url))
    site = SiteClient(app, api_id, api_key, utc_now)
    asked = json.loads(Path(payloads).read_text())
    print("ready", flush=True)
    while not Path(starting).exists():
        time.sleep(0.001)
    print(json.dumps([site.code(payload) for payload in asked]))
    app.extensions["keychain"].store.close()
