/** A colour by its meaning. Each is a CSS class. */
export type Tone = "success" | "warning" | "danger" | "info" | "neutral";
