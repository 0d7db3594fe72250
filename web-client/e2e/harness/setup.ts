import { makeCaptures } from './capture.ts';

/** Runs once before all journeys. */
export default function setup(): void {
  makeCaptures();
}
