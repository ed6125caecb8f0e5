import type { z } from "zod";
import type { connectionSchema } from "../../api/connections/connection-json.ts";
import { IdLink } from "../components/id-link.tsx";
import { Time } from "../components/time.tsx";
import { listPage, providerFilter } from "./list-page.tsx";

export const connectionsPage = listPage<z.output<typeof connectionSchema>>({
  title: "Connections",
  path: "/console/connections",
  section: "connections",
  source: "/v1/connections",
  filters: [providerFilter, { name: "environment", label: "Environment", options: ["sandbox", "production"] }],
  columns: [
    { head: "Connection", cell: connection => <IdLink section="connections" id={connection.id} /> },
    { head: "Name", cell: connection => connection.name },
    { head: "Provider", cell: connection => connection.provider },
    { head: "Environment", cell: connection => connection.environment },
    { head: "Created", cell: connection => <Time at={connection.created_at} /> },
  ],
  empty: "No connections match. Create one with POST /v1/connections.",
});
