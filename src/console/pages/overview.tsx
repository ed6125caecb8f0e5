import { statuses } from "../../domain/kinds.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import type { Backlog, QueueState } from "../../metrics/backlog-store.ts";
import { Badge } from "../components/badge.tsx";
import { formatDuration } from "../components/duration.ts";
import { ErrorNotice } from "../components/notice.tsx";
import { Table } from "../components/table.tsx";
import { LinkTile, Tile } from "../components/tile.tsx";
import type { Tone } from "../components/tone.ts";
import type { ApiResult, ConsoleApi } from "../console-api.ts";
import { typedTime } from "../local-time.ts";
import type { PageRequest, SpoolState } from "../page-request.ts";
import type { PageRoute } from "../page-route.ts";
import { Alarms, overdueMaxS } from "./alarms.tsx";
import { FirstSteps, hasNoConnection } from "./first-steps.tsx";
import { transactionColumns } from "./transactions.tsx";

const dayMs = 86_400_000;
/** The API's lists return at most this many rows, so no more are counted. */
const countedMax = 200;

export const overviewPage: PageRoute = {
  path: "/",
  section: "overview",
  async render(request) {
    const { api, isAdmin, spool } = request;
    const [latest, backlog, attention, statusCounts, isNew] = await Promise.all([
      api.get<{ data: TransactionJson[] }>("/v1/transactions", { limit: "8" }),
      isAdmin ? request.backlog() : null,
      attentionCounts(api),
      statusCountsOfDay(request),
      hasNoConnection(api),
    ]);
    // The admin's page has alarms to show even if the database is unavailable.
    if (latest.kind === "refused" && !isAdmin) return latest;
    const body = (
      <>
        <h1>Overview</h1>
        {isNew && <FirstSteps isAdmin={isAdmin} />}
        {isAdmin && <System backlog={backlog} spool={spool()} />}
        <Attention counts={attention} />
        <LastDay counts={statusCounts} since={typedTime(dayBefore(request.now), request.timeZone)} />
        <Latest result={latest} />
      </>
    );
    return { kind: "page", title: "Overview", body };
  },
};

/** A count as text: `200+` beyond what the API lists, a dash if the API refused. */
async function count(api: ConsoleApi, path: string, query: Record<string, string>): Promise<string> {
  const result = await api.get<{ data: unknown[]; next_cursor: string | null }>(path, {
    ...query,
    limit: String(countedMax),
  });
  if (result.kind === "refused") return "–";
  return result.value.next_cursor === null ? String(result.value.data.length) : `${countedMax}+`;
}

type AttentionCounts = Awaited<ReturnType<typeof attentionCounts>>;

async function attentionCounts(api: ConsoleApi) {
  const [reviews, quarantined, failed, queued, disabled] = await Promise.all([
    count(api, "/v1/transactions", { review: "true" }),
    count(api, "/v1/callbacks", { state: "quarantined" }),
    count(api, "/v1/deliveries", { state: "failed" }),
    count(api, "/v1/deliveries", { state: "pending" }),
    count(api, "/v1/endpoints", { enabled: "false" }),
  ]);
  return { reviews, quarantined, failed, queued, disabled };
}

function statusCountsOfDay({ api, now }: PageRequest): Promise<string[]> {
  const created_after = dayBefore(now).toISOString();
  return Promise.all(statuses.map(status => count(api, "/v1/transactions", { status, created_after })));
}

function System({ backlog, spool }: { backlog: Backlog | null; spool: SpoolState }) {
  return (
    <section aria-labelledby="system">
      <h2 id="system">System</h2>
      <Alarms backlog={backlog} spool={spool} />
      {backlog !== null && <SystemTiles backlog={backlog} />}
    </section>
  );
}

function SystemTiles({ backlog: { queues, workers, paused } }: { backlog: Backlog }) {
  return (
    <div class="tiles small">
      <Tile label="Workers alive" value={workers} tone={workers === 0 ? "danger" : "neutral"} />
      <QueueTile label="Unread" queue={queues.inbox} overdueTone="danger" />
      <QueueTile label="Queued" queue={queues.delivery} overdueTone="danger" />
      <QueueTile label="Scheduled polls" queue={queues.poll} overdueTone="warning" />
      <Tile label="Paused connections" value={paused} tone={paused > 0 ? "warning" : "neutral"} />
    </div>
  );
}

type QueueTileProps = { label: string; queue: QueueState; overdueTone: Tone };

function QueueTile({ label, queue: { depth, oldestS }, overdueTone }: QueueTileProps) {
  const note = oldestS < 1 ? null : `oldest due for ${formatDuration(oldestS)}`;
  return <Tile label={label} value={depth} tone={oldestS > overdueMaxS ? overdueTone : "neutral"} note={note} />;
}

function Attention({ counts: { reviews, quarantined, failed, queued, disabled } }: { counts: AttentionCounts }) {
  const unless0 = (value: string, tone: "warning" | "danger") => (value === "0" ? "success" : tone);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <div class="tiles">
        <LinkTile label="Open reviews" value={reviews} tone={unless0(reviews, "warning")} href="/console/reviews" />
        <LinkTile
          label="Quarantined callbacks"
          value={quarantined}
          tone={unless0(quarantined, "warning")}
          href="/console/callbacks?state=quarantined"
        />
        <LinkTile
          label="Failed deliveries"
          value={failed}
          tone={unless0(failed, "danger")}
          href="/console/deliveries?state=failed"
        />
        <LinkTile
          label="Disabled endpoints"
          value={disabled}
          tone={unless0(disabled, "danger")}
          href="/console/endpoints?enabled=false"
        />
        <LinkTile label="Queued deliveries" value={queued} tone="neutral" href="/console/deliveries?state=pending" />
      </div>
    </section>
  );
}

/** A day before now, as a list's filter by date takes it. */
const dayBefore = (now: Date) => new Date(now.getTime() - dayMs);

function LastDay({ counts, since }: { counts: string[]; since: string }) {
  return (
    <section aria-labelledby="day">
      <h2 id="day">Transactions of the last 24 hours</h2>
      <div class="tiles small">
        {statuses.map((status, at) => (
          <LinkTile
            label={<Badge state={status} />}
            value={counts[at]!}
            tone="neutral"
            href={`/console/transactions?status=${status}&created_after=${since}`}
          />
        ))}
      </div>
    </section>
  );
}

function Latest({ result }: { result: ApiResult<{ data: TransactionJson[] }> }) {
  return (
    <section aria-labelledby="latest">
      <h2 id="latest">Latest transactions</h2>
      {result.kind === "refused" ? (
        <ErrorNotice>{result.detail}</ErrorNotice>
      ) : (
        <Table
          label="Latest transactions"
          columns={transactionColumns}
          rows={result.value.data}
          empty="No transactions yet. Register one, or wait for the first callback."
        />
      )}
    </section>
  );
}
