import type { z } from "zod";
import type { callbackSchema } from "../../api/callbacks/callback-json.ts";
import { Badge } from "../components/badge.tsx";
import { createdFilters } from "../components/filters.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Time } from "../components/time.tsx";
import { listPage, providerFilter } from "./list-page.tsx";

function problemCell({ path, message }: { path: string; message: string }) {
  return (
    <>
      {path !== "" && <code>{path}</code>} {message}
    </>
  );
}

export const callbacksPage = listPage<z.output<typeof callbackSchema>>({
  title: "Callbacks",
  path: "/console/callbacks",
  section: "callbacks",
  source: "/v1/callbacks",
  filters: [
    { name: "state", label: "State", options: ["pending", "processed", "quarantined"] },
    providerFilter,
    { name: "channel", label: "Channel" },
    { name: "connection_id", label: "Connection" },
    ...createdFilters,
  ],
  columns: [
    { head: "Received", cell: callback => <Time at={callback.received_at} /> },
    { head: "Callback", cell: callback => <IdLink section="callbacks" id={callback.id} /> },
    {
      head: "Channel",
      cell: ({ channel, provider }) => (
        <>
          {channel} <small>{provider}</small>
        </>
      ),
    },
    { head: "Copies", cell: callback => callback.copies, numeric: true },
    { head: "State", cell: callback => <Badge state={callback.state} /> },
    { head: "Problem", cell: ({ problems: [problem] }) => problem && problemCell(problem) },
  ],
  empty: "No callbacks match.",
});
