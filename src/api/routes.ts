import { createAlertChannel } from "./alert-channels/create.ts";
import { removeAlertChannel } from "./alert-channels/delete.ts";
import { getAlertChannel } from "./alert-channels/get.ts";
import { listAlertChannels } from "./alert-channels/list.ts";
import { testAlertChannel } from "./alert-channels/test.ts";
import { acknowledgeAlert } from "./alerts/acknowledge.ts";
import { getAlert } from "./alerts/get.ts";
import { listAlerts } from "./alerts/list.ts";
import { createApiKey } from "./api-keys/create.ts";
import { removeApiKey } from "./api-keys/delete.ts";
import { listApiKeys } from "./api-keys/list.ts";
import { approve, reject } from "./approvals/approve.ts";
import { getApproval } from "./approvals/get.ts";
import { listApprovals } from "./approvals/list.ts";
import { listAudit } from "./audit/list.ts";
import { getCallbackBody } from "./callbacks/body.ts";
import { getCallback } from "./callbacks/get.ts";
import { listCallbacks } from "./callbacks/list.ts";
import { reprocessCallback } from "./callbacks/reprocess.ts";
import { askBalance } from "./connections/balance.ts";
import { createConnection } from "./connections/create.ts";
import { deleteConnection } from "./connections/delete.ts";
import { getConnection } from "./connections/get.ts";
import { getConnectionHealth } from "./connections/health.ts";
import { listConnections } from "./connections/list.ts";
import { patchConnection } from "./connections/patch.ts";
import { registerCallbackUrls } from "./connections/register.ts";
import { rotateForwardSecret } from "./connections/rotate-forward-secret.ts";
import { rotateToken } from "./connections/rotate-token.ts";
import { handOutToken } from "./connections/token.ts";
import { getDelivery } from "./deliveries/get.ts";
import { listDeliveries } from "./deliveries/list.ts";
import { retryDelivery } from "./deliveries/retry.ts";
import { createEndpoint } from "./endpoints/create.ts";
import { deleteEndpoint } from "./endpoints/delete.ts";
import { getEndpoint } from "./endpoints/get.ts";
import { listEndpoints } from "./endpoints/list.ts";
import { patchEndpoint } from "./endpoints/patch.ts";
import { recoverEndpoint } from "./endpoints/recover.ts";
import { rotateSecret } from "./endpoints/rotate-secret.ts";
import { testEndpoint } from "./endpoints/test.ts";
import { getEvent } from "./events/get.ts";
import { listEvents } from "./events/list.ts";
import { streamEvents } from "./events/stream.ts";
import { createLookup } from "./lookups/create.ts";
import { getLookup } from "./lookups/get.ts";
import { createMerchant } from "./merchants/create.ts";
import { getMerchant } from "./merchants/get.ts";
import { listMerchants } from "./merchants/list.ts";
import { patchMerchant } from "./merchants/patch.ts";
import { createOperator } from "./operators/create.ts";
import { removeOperator } from "./operators/delete.ts";
import { listOperators } from "./operators/list.ts";
import { erasePerson } from "./privacy/erase.ts";
import { exportPerson } from "./privacy/export.ts";
import { listProviders } from "./providers/list.ts";
import { runReconcile } from "./reconcile/create.ts";
import { createReplay } from "./replays/create.ts";
import type { Route } from "./route.ts";
import { search } from "./search/search.ts";
import { startRoutes } from "./start/routes.ts";
import { createStatement } from "./statements/create.ts";
import { getStatement } from "./statements/get.ts";
import { listStatementLines } from "./statements/lines.ts";
import { exportStatementLines } from "./statements/lines-csv.ts";
import { listStatements } from "./statements/list.ts";
import { getTotals } from "./totals/get.ts";
import { exportTransactions } from "./transactions/export.ts";
import { getTransaction } from "./transactions/get.ts";
import { listTransactions } from "./transactions/list.ts";
import { pollTransaction } from "./transactions/poll.ts";
import { registerTransaction } from "./transactions/register.ts";
import { resolveTransaction } from "./transactions/resolve.ts";
import { getUssdSession } from "./ussd-sessions/get.ts";
import { listUssdSessions } from "./ussd-sessions/list.ts";

/** Every call of the management API, in the order of the documents. */
export const routes: Route[] = [
  createMerchant,
  listMerchants,
  getMerchant,
  patchMerchant,
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
  handOutToken,
  askBalance,
  listProviders,
  registerCallbackUrls,
  getConnectionHealth,

  createEndpoint,
  listEndpoints,
  getEndpoint,
  patchEndpoint,
  deleteEndpoint,
  rotateSecret,
  testEndpoint,
  recoverEndpoint,

  registerTransaction,
  listTransactions,
  getTransaction,
  pollTransaction,
  resolveTransaction,

  ...startRoutes,

  listCallbacks,
  getCallback,
  getCallbackBody,
  reprocessCallback,

  listEvents,
  streamEvents,
  getEvent,
  listDeliveries,
  getDelivery,
  retryDelivery,
  createReplay,

  createStatement,
  listStatements,
  getStatement,
  listStatementLines,
  exportStatementLines,
  getTotals,
  createLookup,
  getLookup,
  exportTransactions,

  runReconcile,
  listUssdSessions,
  getUssdSession,
  listAlerts,
  getAlert,
  acknowledgeAlert,
  createAlertChannel,
  listAlertChannels,
  getAlertChannel,
  removeAlertChannel,
  testAlertChannel,
  search,
  listAudit,

  exportPerson,
  erasePerson,
  createOperator,
  listOperators,
  removeOperator,
  listApprovals,
  getApproval,
  approve,
  reject,
];
