import { receiversOf } from "../../connections/receiver.ts";
import type { ReadItem } from "./read.ts";
import { recentlyChanged, requeueWrongReceivers } from "./receiver-store.ts";
import type { SettleDueDeps } from "./settle-due.ts";

/**
 * Looks again at callbacks that a batch put into quarantine for their receiver. A connection that was changed
 * meanwhile, by any process, may have named that receiver: its change queued what was in quarantine by then, and this
 * queues the rest. What stays wrong is published.
 */
export async function checkReceiversAgain(
  { sql, directory, providers, telemetry }: SettleDueDeps,
  shard: number,
  read: readonly ReadItem[],
): Promise<void> {
  const wrong = read.flatMap(({ claimed, item: { connection, callback } }) => {
    const receiver = callback?.wrongReceiver;
    return receiver ? [{ connection, receiver, id: claimed.id, channel: claimed.readAs ?? claimed.channel }] : [];
  });
  if (wrong.length === 0) return;
  const connectionIds = [...new Set(wrong.map(({ connection }) => connection.id))];
  const changed = await recentlyChanged(sql, shard, connectionIds);
  for (const id of changed) directory.forget(id);
  const current = new Map(await Promise.all(changed.map(async id => [id, await directory.byId(shard, id)] as const)));
  const isRight = ({ connection, receiver }: (typeof wrong)[number]) => {
    const now = current.get(connection.id);
    const provider = providers.get(connection.provider);
    return now && provider ? (receiversOf(provider, now)?.has(receiver) ?? true) : false;
  };
  await requeueWrongReceivers(
    sql,
    shard,
    wrong.filter(isRight).map(({ id }) => id),
  );
  for (const { connection, id: callbackId, channel, receiver } of wrong.filter(each => !isRight(each))) {
    const { provider, id: connectionId } = connection;
    telemetry.publish("callback.wrong_receiver", () => ({ provider, channel, connectionId, callbackId, receiver }));
  }
}
