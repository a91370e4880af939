import { PythonNumber } from '../http/shapes/read-json.js';

/** A JSON object with JavaScript's numbers: `1.0` is 1. The shape has refused numbers that JavaScript cannot represent. */
export function plainJson(value: object | null): object | null {
  return value && (toPlain(value) as object);
}

function toPlain(value: unknown): unknown {
  if (value instanceof PythonNumber) return Number(value.shown);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toPlain(each)]));
}
