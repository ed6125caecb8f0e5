import type { Backlog } from "../../metrics/backlog-store.ts";
import { formatDuration } from "../components/duration.ts";
import { Notice } from "../components/notice.tsx";
import type { SpoolState } from "../page-request.ts";

/** Work that is overdue by more than this is shown as a problem, in seconds. */
export const overdueMaxS = 60;

type Alarm = { tone: "danger" | "warning"; text: string; href?: string };

/** The problems of the installation, each with a link to more. `backlog` is null while the database is unavailable. */
export function Alarms({ backlog, spool }: { backlog: Backlog | null; spool: SpoolState }) {
  const alarms = [...spoolAlarms(spool), ...(backlog === null ? [databaseAlarm] : backlogAlarms(backlog))];
  if (alarms.length === 0) return <Notice tone="success">All queues are processed in time.</Notice>;
  return (
    <ul class="alarms">
      {alarms.map(({ tone, text, href }) => (
        <li class={`notice ${tone}`}>{href === undefined ? text : <a href={href}>{text}</a>}</li>
      ))}
    </ul>
  );
}

const databaseAlarm: Alarm = {
  tone: "danger",
  text: "The database is unavailable. Callbacks are still accepted and kept on disk.",
};

function spoolAlarms({ bytes, isDatabaseUnavailable }: SpoolState): Alarm[] {
  if (bytes === 0) return [];
  const size = bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return isDatabaseUnavailable
    ? [{ tone: "danger", text: `${size} of callbacks are in the spool: do not delete this process's data folder.` }]
    : [{ tone: "warning", text: `${size} of callbacks are being moved from the spool to the database.` }];
}

function backlogAlarms({ queues, workers, breakersOpen, paused, endpointsFailing }: Backlog): Alarm[] {
  const alarms: Alarm[] = [];
  const overdue = (queue: keyof Backlog["queues"], tone: Alarm["tone"], name: string, href: string) => {
    const { oldestS } = queues[queue];
    if (oldestS <= overdueMaxS) return;
    alarms.push({ tone, text: `${name}: the oldest is overdue by ${formatDuration(oldestS)}.`, href });
  };
  if (workers === 0) {
    alarms.push({
      tone: "danger",
      text: "No worker is alive: no callbacks are read, no polls or deliveries are made.",
    });
  }
  overdue("inbox", "danger", "Unread callbacks", "/console/callbacks?state=pending");
  overdue("delivery", "danger", "Queued deliveries", "/console/deliveries?state=pending");
  // A warning only: an external cron may run the polls, and a provider may throttle them.
  overdue("poll", "warning", "Due polls", "/console/transactions?status=pending");
  if (endpointsFailing > 0) {
    const text = `Failing: ${counted(endpointsFailing, "endpoint")}.`;
    alarms.push({ tone: "danger", text, href: "/console/endpoints?enabled=true" });
  }
  if (paused > 0) {
    const broken = breakersOpen > 0 ? `, ${breakersOpen} after repeated errors` : "";
    const text = `Polling paused: ${counted(paused, "connection")}${broken}. Run hakika doctor for details.`;
    alarms.push({ tone: "warning", text, href: "/console/connections" });
  }
  return alarms;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
