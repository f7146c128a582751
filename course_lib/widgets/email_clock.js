// Time that goes by in the e-mail scene: by itself, from event to event, or where a hand puts it.

import { calm } from "./calm.js";

const A_LEAP = 900; // milliseconds at each event, for who has asked for less motion
const NOBODY_YET = -1; // the time before anything has begun

/**
 * What a clock tells: each new time, that it has come to rest, and whether it goes by itself.
 * @typedef {object} Heard
 * @property {(time: number) => void} show
 * @property {() => void} rest
 * @property {(yes: boolean) => void} playing
 */

/** A time in milliseconds, up to an end, with stops at which something happens. */
export class Clock {
  /** @param {Heard} heard */
  constructor(heard) {
    this.heard = heard;
    this.time = NOBODY_YET;
    this.end = 0;
    this.speed = 1;
    this.frame = this.timer = this.before = 0;
    this.stops = /** @type {number[]} */ ([]);
  }

  /**
   * Another scene: the times of its events, in order. Who was at the end is there again.
   * @param {number[]} stops
   * @param {number} end
   */
  setStops(stops, end) {
    const isOver = this.end > 0 && this.time >= this.end;
    this.pause();
    [this.stops, this.end] = [stops, end];
    this.to(isOver ? end : NOBODY_YET);
  }

  /** @param {number} time */
  to(time) {
    this.time = Math.min(this.end, time);
    this.heard.show(this.time);
  }

  /** @param {number} time */
  jump(time) {
    this.pause();
    this.to(time);
  }

  /** @param {number} time */
  stay(time) {
    this.jump(time);
    this.heard.rest();
  }

  pause() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = this.timer = 0;
    this.heard.playing(false);
  }

  /** The time of the next event. */
  following() {
    return this.stops.find((at) => at > this.time) ?? this.end;
  }

  step() {
    this.stay(this.following());
  }

  reset() {
    this.stay(NOBODY_YET);
  }

  toggle() {
    if (this.frame || this.timer) this.pause();
    else this.play();
  }

  restart() {
    this.jump(NOBODY_YET);
    this.play();
  }

  play() {
    if (this.time >= this.end) this.time = NOBODY_YET;
    this.before = performance.now();
    this.heard.playing(true);
    if (calm()) this.timer = setTimeout(() => this.leap(), A_LEAP);
    else this.frame = requestAnimationFrame((now) => this.glide(now));
  }

  /** @param {number} now */
  glide(now) {
    this.to(Math.max(0, this.time) + (now - this.before) * this.speed);
    this.before = now;
    if (this.time < this.end) this.frame = requestAnimationFrame((next) => this.glide(next));
    else this.stay(this.end);
  }

  leap() {
    this.to(this.following());
    this.heard.rest();
    if (this.time < this.end) this.timer = setTimeout(() => this.leap(), A_LEAP);
    else this.pause();
  }
}
