import type { ProviderSimulator } from "../../../simulator/provider-simulator.ts";
import { openStatusApi } from "../../../simulator/status-api.ts";
import { api } from "./api.ts";
import { pawapayScenarios } from "./scenarios.ts";

export const simulator: ProviderSimulator = { open: () => openStatusApi(api), scenarios: pawapayScenarios };
