import type { ActionRoute } from "./action-route.ts";
import type { PageRoute } from "./page-route.ts";
import {
  alertChannelsPage,
  createChannelAction,
  deleteChannelAction,
  testChannelAction,
} from "./pages/alert-channels.tsx";
import { acknowledgeAction, alertPage, alertsPage } from "./pages/alerts.tsx";
import { approvalsPage, approveAction, rejectAction } from "./pages/approvals.tsx";
import { auditPage } from "./pages/audit.tsx";
import { callbackPage, reprocessAction } from "./pages/callback.tsx";
import { callbacksPage } from "./pages/callbacks.tsx";
import { askBalanceAction, connectionPage, handOutTokenAction } from "./pages/connection.tsx";
import { connectionsPage } from "./pages/connections.tsx";
import { deliveriesPage } from "./pages/deliveries.tsx";
import { deliveryPage, retryAction } from "./pages/delivery.tsx";
import { disableAction, enableAction, endpointPage, recoverAction, testAction } from "./pages/endpoint.tsx";
import { endpointsPage } from "./pages/endpoints.tsx";
import { eventPage } from "./pages/event.tsx";
import { eventsPage } from "./pages/events.tsx";
import { overviewPage } from "./pages/overview.tsx";
import { reverseAction } from "./pages/reverse.tsx";
import { reviewsPage } from "./pages/reviews.tsx";
import { searchPage } from "./pages/search.tsx";
import { startAction, startPage } from "./pages/start.tsx";
import { statementPage } from "./pages/statement.tsx";
import { statementsPage, uploadAction } from "./pages/statements.tsx";
import { pollAction, resolveAction, transactionPage } from "./pages/transaction.tsx";
import { transactionsPage } from "./pages/transactions.tsx";

/** Every page of the console. */
export const pages: PageRoute[] = [
  overviewPage,
  transactionsPage,
  transactionPage,
  reviewsPage,
  callbacksPage,
  callbackPage,
  eventsPage,
  eventPage,
  deliveriesPage,
  deliveryPage,
  endpointsPage,
  endpointPage,
  alertsPage,
  alertChannelsPage,
  alertPage,
  connectionsPage,
  connectionPage,
  startPage,
  statementsPage,
  statementPage,
  approvalsPage,
  auditPage,
  searchPage,
];

/** Every form of the console that changes something. */
export const actions: ActionRoute[] = [
  resolveAction,
  pollAction,
  startAction,
  reverseAction,
  askBalanceAction,
  handOutTokenAction,
  reprocessAction,
  retryAction,
  testAction,
  recoverAction,
  enableAction,
  disableAction,
  approveAction,
  rejectAction,
  uploadAction,
  acknowledgeAction,
  createChannelAction,
  testChannelAction,
  deleteChannelAction,
];
