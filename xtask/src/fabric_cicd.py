# One deployment by fabric-cicd, as its documentation shows it, against a server on this machine.
import json
import sys
import time

import fabric_cicd
from azure.core.credentials import AccessToken, TokenCredential

asked = json.loads(sys.argv[1])


class FixedToken(TokenCredential):
    def get_token(self, *scopes, **options):
        return AccessToken(asked["token"], int(time.time()) + 86_400)


# Its own settings accept Microsoft's hosts only.
fabric_cicd.constants.DEFAULT_API_ROOT_URL = asked["endpoint"]
fabric_cicd.constants.FABRIC_API_ROOT_URL = asked["endpoint"]

for flag in asked["features"]:
    fabric_cicd.append_feature_flag(flag)
if asked["config"]:
    fabric_cicd.deploy_with_config(
        asked["config"],
        environment=asked["environment"],
        config_override={"core": {"workspace_id": asked["workspace"]}},
        token_credential=FixedToken(),
    )
else:
    workspace = fabric_cicd.FabricWorkspace(
        workspace_id=asked["workspace"],
        repository_directory=asked["source"],
        item_type_in_scope=asked["types"] or None,
        environment=asked["environment"],
        token_credential=FixedToken(),
    )
    fabric_cicd.publish_all_items(workspace)
    if asked["prune"]:
        fabric_cicd.unpublish_all_orphan_items(workspace)
