import type { Hono } from "hono";
import type { ApiDeps } from "../deps.ts";

export function mountDocuments(_app: Hono, _deps: ApiDeps): void {}
