// A mail service for a minute, in whole milliseconds; mirrors incidents/system.py line by line.

import { parseMoves, seconds, SECOND } from "./incident_moves.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_moves.js").Move} Move */
/** @typedef {import("./incident_moves.js").Settings} Settings */
/** @typedef {{ place: string, start: number, end: number | null }} Stay */
/** @typedef {{ number: number, arrival: number, chance: number, is_sync: boolean,
 *   is_yours: boolean, accept: number | null, know: number | null, sent: number[],
 *   refused: number | null, failed: number | null, lost: number | null, attempts: number,
 *   stays: Stay[] }} Mail */
/** @typedef {{ worker: number, kind: string, mail: number, attempt: number, start: number,
 *   due: number, end: number | null }} Work */
/** @typedef {{ worker: number, start: number, end: number | null }} Shift */
/** @typedef {{ kind: string, start: number, end: number }} Spell */
/** @typedef {{ at: number, kind: string, mail: number, worker: number, value: string,
 *   why: string }} Entry */
/** @typedef {{ kit: Kit, opening: Settings, moves: Move[], mails: Mail[], works: Work[],
 *   shifts: Shift[], spells: Spell[], log: Entry[] }} Day */
/** @typedef {{ mail: Mail, attempt: number, isAcked: boolean, isExpired: boolean,
 *   isOver: boolean, hasSent: boolean, isKilled: boolean }} Job */
/** @typedef {{ number: number, isWanted: boolean, isAlive: boolean, shift: Shift | null,
 *   job: Job | null, work: Work | null }} Worker */

/** A whole minute of the kit's story, with these moves. Throws an Error for a wrong move.
 * @param {Kit} kit @param {string} moves @param {Settings} opening
 * @returns {Day} */
export function play(kit, moves, opening = {}) {
  const { story } = kit;
  const made = parseMoves(kit, moves, story.may);
  return new System(kit, { ...story.settings, ...opening }, made).run();
}

/** When each e-mail of the script is asked for.
 * @param {Kit} kit */
function arrivals({ story, draws }) {
  const found = [];
  for (const { start, mails, every } of story.traffic) {
    let time = start;
    for (let n = 0; n < mails; n += 1) {
      time += Math.floor(every * draws.gaps[found.length] / 1000);
      found.push(time);
    }
  }
  return found;
}

/** What is to happen, by time; what falls on one moment goes in the order of putting. */
class Agenda {
  now = 0;
  /** @type {{ time: number, act: () => void }[]} */
  acts = [];

  /** @param {number} time @param {() => void} act */
  put(time, act) {
    let place = this.acts.length;
    while (place && this.acts[place - 1].time > time) place -= 1;
    this.acts.splice(place, 0, { time, act });
  }

  /** @param {number} end */
  run(end) {
    while (this.acts.length && this.acts[0].time <= end) {
      const [{ time, act }] = this.acts.splice(0, 1);
      this.now = time;
      act();
    }
  }
}

/** The state while the minute runs. */
class System {
  /** @param {Kit} kit @param {Settings} opening @param {Move[]} moves */
  constructor(kit, opening, moves) {
    this.kit = kit;
    this.settings = { ...opening };
    /** @type {Day} */
    this.day = { kit, opening, moves, mails: [], works: [], shifts: [], spells: [], log: [] };
    this.agenda = new Agenda();
    /** @type {Mail[]} */
    this.queue = [];
    /** @type {Map<number, Job>} */
    this.senders = new Map();
    this.yours = kit.counts.script;
    /** @type {Worker[]} */
    this.crew = Array.from({ length: kit.counts.workers }, (_, n) => ({
      number: n + 1, isWanted: false, isAlive: true, shift: null, job: null, work: null }));
    const script = parseMoves(kit, kit.story.script, Object.keys(kit.rules));
    for (const move of moves) this.agenda.put(move.at, () => this.move(move, true));
    for (const move of script) this.agenda.put(move.at, () => this.move(move, false));
    arrivals(kit).forEach((time, place) => this.agenda.put(time, () => this.ask(place, false)));
  }

  run() {
    this.hire(Number(this.settings.workers));
    this.agenda.run(this.kit.times.end);
    return this.day;
  }

  get now() {
    return this.agenda.now;
  }

  /** @param {string} kind
   * @param {{ mail?: number, worker?: number, value?: string | number, why?: string }} about */
  note(kind, { mail = 0, worker = 0, value = "", why = "" } = {}) {
    this.day.log.push({ at: this.now, kind, mail, worker, value: String(value), why });
  }

  // Moves, the reader's and the script's.

  /** @param {Move} move @param {boolean} isYours */
  move({ what, value }, isYours) {
    if (what in this.settings) {
      this.settings[what] = value;
      this.note(what, { value });
      if (what === "workers") this.hire(Number(value));
    } else if (what === "send") {
      for (let n = 0; n < Number(value); n += 1) {
        this.yours += 1;
        this.ask(this.yours - 1, isYours);
      }
    } else if (what === "kill") this.kill(this.crew[Number(value) - 1]);
    else this.spell(what, Number(value));
  }

  /** @param {string} kind @param {number} length */
  spell(kind, length) {
    this.note(kind, { value: length });
    const end = this.now + SECOND * length;
    this.day.spells.push({ kind, start: this.now, end });
    this.agenda.put(end, () => {
      if (!this.is(kind)) this.note(kind === "away" ? "there" : "quick");
    });
    for (const worker of kind === "away" ? this.crew : []) {
      if (worker.job && worker.work?.kind === "send") {
        this.end(worker);
        this.fail(worker, worker.job);
      }
    }
  }

  /** @param {string} kind */
  is(kind) {
    return this.day.spells.some((s) => s.kind === kind && s.start <= this.now && this.now < s.end);
  }

  // Users and the queue.

  /** @param {number} chance @param {boolean} isYours */
  ask(chance, isYours) {
    /** @type {Mail} */
    const mail = { number: this.day.mails.length + 1, arrival: this.now, chance,
      is_sync: this.settings.mode === "sync", is_yours: isYours, accept: null, know: null,
      sent: [], refused: null, failed: null, lost: null, attempts: 0, stays: [] };
    this.day.mails.push(mail);
    this.note(isYours ? "yours" : "asked", { mail: mail.number });
    this.agenda.put(this.now + this.kit.times.accept, () => this.admit(mail));
  }

  /** @param {Mail} mail */
  admit(mail) {
    const { bound } = this.settings;
    if (bound !== "none" && this.queue.length >= Number(bound)) {
      mail.refused = this.now;
      this.note("refused", { mail: mail.number });
      return;
    }
    if (!mail.is_sync) mail.accept = this.now;
    this.note(mail.is_sync ? "waits" : "queued", { mail: mail.number });
    this.join(mail);
  }

  /** @param {Mail} mail */
  join(mail) {
    this.place(mail, "queue");
    let place = this.queue.length;
    while (place && this.queue[place - 1].number > mail.number) place -= 1;
    this.queue.splice(place, 0, mail);
    this.dispatch();
  }

  /** @param {Mail} mail @param {string} place */
  place(mail, place = "") {
    const last = mail.stays.at(-1);
    if (last && last.end === null) last.end = this.now;
    if (place) mail.stays.push({ place, start: this.now, end: null });
  }

  dispatch() {
    for (const worker of this.crew) {
      if (!worker.shift || !worker.isAlive || worker.job) continue;
      const mail = this.queue.shift();
      if (mail) this.take(worker, mail);
    }
  }

  // A delivery.

  /** @param {Worker} worker @param {Mail} mail */
  take(worker, mail) {
    const { times, counts, draws, story } = this.kit;
    mail.attempts += 1;
    const job = { mail, attempt: mail.attempts, isAcked: false, isExpired: false, isOver: false,
      hasSent: false, isKilled: false };
    worker.job = job;
    this.place(mail, "worker");
    this.note("taken", { mail: mail.number, worker: worker.number, value: job.attempt });
    if (!mail.is_sync && this.settings.ack === "before") this.ack(worker, job);
    else if (!mail.is_sync) {
      this.agenda.put(this.now + SECOND * Number(this.settings.timeout), () => this.expire(job));
    }
    if (this.is("away")) {
      this.begin(worker, "no answer", times.no_answer, () => this.fail(worker, job));
    } else {
      const slower = this.is("slow") ? counts.slower : 1;
      const length = Math.floor(story.task * draws.tasks[mail.chance] * slower / 1000);
      this.begin(worker, "send", length, () => this.sent(worker, job));
    }
  }

  /** A piece of work, and what comes after it unless something comes between.
   * @param {Worker} worker @param {string} kind @param {number} length
   * @param {() => void} then */
  begin(worker, kind, length, then) {
    const { job } = worker;
    /** @type {Work} */
    const work = { worker: worker.number, kind, mail: job ? job.mail.number : 0,
      attempt: job ? job.attempt : 0, start: this.now, due: this.now + length, end: null };
    worker.work = work;
    this.day.works.push(work);
    this.agenda.put(work.due, () => {
      if (worker.work !== work) return;
      this.end(worker);
      then();
    });
  }

  /** @param {Worker} worker */
  end(worker) {
    if (worker.work) worker.work.end = this.now;
    worker.work = null;
  }

  /** @param {Worker} worker @param {Job} job */
  sent(worker, job) {
    const { mail } = job, first = this.senders.get(mail.number) ?? job;
    job.hasSent = true;
    this.senders.set(mail.number, first);
    this.handOver(worker, mail, first);
    mail.know ??= this.now;
    if (mail.is_sync) {
      mail.accept = this.now;
      this.place(mail);
    }
    this.begin(worker, "file", this.kit.times.file, () => this.done(worker, job));
  }

  /** @param {Worker} worker @param {Mail} mail @param {Job} first */
  handOver(worker, mail, first) {
    let kind = "sent", why = "";
    if (mail.sent.length && this.settings.key === "on") kind = "known_key";
    else if (mail.sent.length) {
      kind = "again";
      why = first.isKilled ? "dead" : "slow";
    }
    this.note(kind, { mail: mail.number, worker: worker.number, why });
    if (kind !== "known_key") mail.sent.push(this.now);
  }

  /** @param {Worker} worker @param {Job} job */
  done(worker, job) {
    if (job.isExpired) this.note("late", { mail: job.mail.number, worker: worker.number });
    else if (!job.mail.is_sync) {
      if (!job.isAcked) this.ack(worker, job);
      this.place(job.mail);
    }
    this.free(worker);
    this.dispatch();
  }

  /** @param {Worker} worker @param {Job} job */
  ack(worker, job) {
    job.isAcked = true;
    this.note("acked", { mail: job.mail.number, worker: worker.number });
  }

  /** @param {Worker} worker */
  free(worker) {
    worker.job = null;
    if (!worker.isWanted) this.leave(worker);
  }

  // What goes wrong.

  /** @param {Worker} worker @param {Job} job */
  fail(worker, job) {
    const { mail } = job;
    this.note("no_answer", { mail: mail.number, worker: worker.number });
    this.free(worker);
    if (mail.is_sync) this.giveUp(mail, "provider", worker.number);
    else if (job.isAcked || job.isExpired) this.orphan(worker, job, "provider");
    else {
      job.isOver = true;
      this.again(worker, job);
    }
    this.dispatch();
  }

  /** @param {Worker} worker @param {Job} job */
  again(worker, { mail, attempt }) {
    const { retry } = this.settings, { counts, times, draws } = this.kit;
    if (retry === "none" || attempt >= counts.attempts) {
      this.giveUp(mail, retry === "none" ? "none" : "attempts", worker.number);
    } else if (retry === "now") {
      this.note("nack", { mail: mail.number });
      this.join(mail);
    } else {
      const longest = times.backoff * 2 ** (attempt - 1);
      const pause = Math.floor(longest * draws.pauses[mail.chance][attempt - 1] / 1000);
      this.place(mail, "pause");
      this.note("paused", { mail: mail.number, value: seconds(this.now + pause) });
      this.agenda.put(this.now + pause, () => {
        this.note("returns", { mail: mail.number });
        this.join(mail);
      });
    }
  }

  /** @param {Job} job */
  expire(job) {
    if (job.isAcked || job.isOver) return;
    job.isExpired = true;
    if (job.attempt >= this.kit.counts.attempts) this.giveUp(job.mail, "attempts");
    else {
      this.note("redelivered", { mail: job.mail.number });
      this.join(job.mail);
    }
  }

  /** @param {Mail} mail @param {string} why @param {number} worker */
  giveUp(mail, why, worker = 0) {
    this.place(mail);
    if (mail.sent.length) {
      this.note("aside", { mail: mail.number });
      return;
    }
    mail.failed = mail.know = this.now;
    this.note(mail.is_sync ? "error" : "failed", { mail: mail.number, worker, why });
  }

  /** @param {Worker} worker @param {Job} job @param {string} why */
  orphan(worker, job, why) {
    const { mail } = job;
    if (!job.isExpired) this.place(mail);
    const last = mail.stays[mail.stays.length - 1];
    const isKept = last.end === null && last.place !== "worker";
    const isHeld = this.crew.some((other) => other.job?.mail === mail);
    if (mail.sent.length || mail.failed !== null || isKept || isHeld) return;
    mail.lost = this.now;
    this.note("lost", { mail: mail.number, worker: worker.number, why });
  }

  /** @param {Worker} worker */
  kill(worker) {
    if (!worker.shift || !worker.isAlive) {
      this.note("nobody", { worker: worker.number });
      return;
    }
    this.note("killed", { worker: worker.number });
    const { job } = worker;
    worker.isAlive = false;
    this.end(worker);
    this.free(worker);
    if (job) this.drop(worker, job);
    this.begin(worker, "dead", this.kit.times.restart, () => this.back(worker));
  }

  /** @param {Worker} worker @param {Job} job */
  drop(worker, job) {
    job.isKilled = true;
    if (job.isAcked || job.isExpired) this.orphan(worker, job, "killed");
    else if (!job.mail.is_sync) this.place(job.mail, "dead");
    else if (!job.hasSent) this.giveUp(job.mail, "killed", worker.number);
  }

  /** @param {Worker} worker */
  back(worker) {
    worker.isAlive = true;
    if (worker.shift) this.note("back", { worker: worker.number });
    this.dispatch();
  }

  // Who is there.

  /** @param {number} wanted */
  hire(wanted) {
    for (const worker of this.crew) {
      worker.isWanted = worker.number <= wanted;
      if (worker.isWanted && !worker.shift) {
        worker.shift = { worker: worker.number, start: this.now, end: null };
        this.day.shifts.push(worker.shift);
        this.note("hired", { worker: worker.number });
      } else if (!worker.isWanted && worker.shift && !worker.job) this.leave(worker);
    }
    this.dispatch();
  }

  /** @param {Worker} worker */
  leave(worker) {
    if (!worker.shift) return;
    worker.shift.end = this.now;
    worker.shift = null;
    this.note("gone", { worker: worker.number });
  }
}
