import { createApiKey } from "./api-keys/create.ts";
import { removeApiKey } from "./api-keys/delete.ts";
import { listApiKeys } from "./api-keys/list.ts";
import { createConnection } from "./connections/create.ts";
import { deleteConnection } from "./connections/delete.ts";
import { getConnection } from "./connections/get.ts";
import { listConnections } from "./connections/list.ts";
import { patchConnection } from "./connections/patch.ts";
import { registerUrls } from "./connections/register.ts";
import { rotateForwardSecret } from "./connections/rotate-forward-secret.ts";
import { rotateToken } from "./connections/rotate-token.ts";
import { createEndpoint } from "./endpoints/create.ts";
import { deleteEndpoint } from "./endpoints/delete.ts";
import { getEndpoint } from "./endpoints/get.ts";
import { listEndpoints } from "./endpoints/list.ts";
import { patchEndpoint } from "./endpoints/patch.ts";
import { recoverEndpoint } from "./endpoints/recover.ts";
import { rotateSecret } from "./endpoints/rotate-secret.ts";
import { testEndpoint } from "./endpoints/test.ts";
import { createMerchant } from "./merchants/create.ts";
import { getMerchant } from "./merchants/get.ts";
import { listMerchants } from "./merchants/list.ts";
import type { Route } from "./route.ts";

/** Every call of the management API, in the order of the documents. */
export const routes: Route[] = [
  createMerchant,
  listMerchants,
  getMerchant,
  createApiKey,
  listApiKeys,
  removeApiKey,

  createConnection,
  listConnections,
  getConnection,
  patchConnection,
  deleteConnection,
  rotateToken,
  rotateForwardSecret,
  registerUrls,

  createEndpoint,
  listEndpoints,
  getEndpoint,
  patchEndpoint,
  deleteEndpoint,
  rotateSecret,
  testEndpoint,
  recoverEndpoint,
];
