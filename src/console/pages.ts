import type { Action, Page } from "./page-request.ts";
import { auditPage } from "./pages/audit.ts";
import { callbackPage, callbacksPage, reprocessAction } from "./pages/callbacks.ts";
import { connectionPage, connectionsPage } from "./pages/connections.ts";
import { deliveriesPage, deliveryPage, retryAction } from "./pages/deliveries.ts";
import {
  disableAction,
  enableAction,
  endpointPage,
  endpointsPage,
  recoverAction,
  testAction,
} from "./pages/endpoints.ts";
import { eventPage, eventsPage } from "./pages/events.ts";
import { overviewPage } from "./pages/overview.ts";
import { pollAction, resolveAction, transactionPage } from "./pages/transaction.ts";
import { reviewsPage, transactionsPage } from "./pages/transactions.ts";

export const pages: Page[] = [
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
  connectionsPage,
  connectionPage,
  auditPage,
];

export const actions: Action[] = [
  resolveAction,
  pollAction,
  reprocessAction,
  retryAction,
  testAction,
  recoverAction,
  enableAction,
  disableAction,
];
