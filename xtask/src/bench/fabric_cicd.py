# One deployment by fabric-cicd, as its documentation shows it, against a server on this machine.
import sys
import time

import fabric_cicd
from azure.core.credentials import AccessToken, TokenCredential

endpoint, workspace_id, source, token = sys.argv[1:]


class FixedToken(TokenCredential):
    def get_token(self, *scopes, **options):
        return AccessToken(token, int(time.time()) + 86_400)


# Its own settings accept Microsoft's hosts only.
fabric_cicd.constants.DEFAULT_API_ROOT_URL = endpoint
fabric_cicd.constants.FABRIC_API_ROOT_URL = endpoint

workspace = fabric_cicd.FabricWorkspace(
    workspace_id=workspace_id,
    repository_directory=source,
    item_type_in_scope=["Notebook", "DataPipeline", "CopyJob", "Reflex"],
    environment="dev",
    token_credential=FixedToken(),
)
fabric_cicd.publish_all_items(workspace)
