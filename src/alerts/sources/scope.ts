/** Which subjects a source is asked about. */
export type SourceScope = { shard: number; subjects: readonly string[] };

/** Between the parts of a subject; no id and no channel has it. */
const separator = " ";

/** The subject of what concerns one channel of a connection. */
export function channelSubject(connectionId: string, channel: string): string {
  return `${connectionId}${separator}${channel}`;
}

/** The connection and the channel of such a subject. */
export function channelOfSubject(subject: string): { connectionId: string; channel: string } {
  const [connectionId = "", channel = ""] = subject.split(separator, 2);
  return { connectionId, channel };
}
