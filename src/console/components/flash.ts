/** The message a page shows after a form. The address carries its name only: no link can put a text into a page. */
const flashTexts = {
  resolved: "The transaction is resolved and its review is closed.",
  waits: "A second person has to approve this. It happens once they do, within 24 hours.",
  approved: "Approved: it has happened.",
  rejected: "Rejected: it will not happen.",
  polled: "The provider was polled.",
  reprocess: "The callback is queued to be processed again. Reload in a moment.",
  retry: "The delivery is queued. Reload in a moment.",
  test: "A test event is queued.",
  enabled: "The endpoint is enabled: new events are sent to it. Failed deliveries are resent only on request.",
  disabled: "The endpoint is disabled: no events are sent to it. Its events are kept.",
  uploaded: "The statement is imported in the background. Its report is below.",
  acknowledged: "The alert is acknowledged: no more reminders are sent. It closes by itself.",
  channel: "The channel hears of every alert from now on.",
  channelDeleted: "The channel is deleted.",
  channelTest: "A test message is queued. Reload in a moment: the channel shows what came of it.",
  accepted: "The provider took the order. Its status says what became of the money.",
  refused: "The order was refused, and nothing is sent again. The timeline says why.",
  unknown: "No answer came. The order is never sent again: a callback, poll or person says what became of it.",
  balanceAsked: "The provider was asked. Its answer may come by callback: reload in a moment.",
  recover: "Failed deliveries of the last seven days are queued again.",
} as const satisfies Record<string, string>;

export type FlashName = keyof typeof flashTexts;

/** Null for a name that does not exist. */
export function flashText(name: string | undefined): string | null {
  return name !== undefined && Object.hasOwn(flashTexts, name) ? flashTexts[name as FlashName] : null;
}
