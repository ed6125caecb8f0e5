import { type Fields, fieldsOf, isObject } from "../kit/fields.ts";
import { idOf } from "../kit/text.ts";

/** Where the payment may be: at the root, under one of these, or under one of them in another (`data.payment`). */
const wrappers = ["data", "payment", "transaction"];
const depthMax = 2;

const orderNumberNames = ["orderNumber", "order_number", "orderId", "order_id"];
const referenceNames = ["reference", "merchant_reference", "merchantReference"];

/** One payment, found in whatever it came wrapped in. */
export type Layers = {
  orderNumber: string | null;
  reference: string | null;
  /**
   * The object that holds the ids is the root: what stands beside them may be about the call instead of the payment.
   */
  isBare: boolean;
  /** A field of the object that holds the ids. */
  home: Fields;
  /** The same field of the object that holds the ids, else of the outermost that has it. */
  any: Fields;
};

/**
 * The object with an order number counts, else the one with a reference: an envelope has ids and statuses of its own.
 */
export function layersOf(body: Record<string, unknown>): Layers {
  const layers = unwrapped(body);
  const has = (names: string[]) => layers.find(field => idOf(field(...names)) !== null);
  const home = has(orderNumberNames) ?? has(referenceNames) ?? layers[0]!;
  const any: Fields = (...names) => [home, ...layers].map(field => field(...names)).find(value => value !== undefined);
  return {
    orderNumber: idOf(home(...orderNumberNames)),
    reference: idOf(any(...referenceNames)),
    isBare: home === layers[0],
    home,
    any,
  };
}

function unwrapped(body: Record<string, unknown>): Fields[] {
  const layers: Fields[] = [fieldsOf(body)];
  let level = layers;
  for (let depth = 0; depth < depthMax; depth++) {
    level = level.flatMap(field =>
      wrappers
        .map(name => single(field(name)))
        .filter(isObject)
        .map(fieldsOf),
    );
    layers.push(...level);
  }
  return layers;
}

/** A list of one is the thing itself; of several payments none is singled out. */
function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
