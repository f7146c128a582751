// A mail service for a minute, in whole milliseconds; mirrors incidents/system.py.

import { Agenda, Crew, Logbook } from "./incident_crew.js";
import { parseMoves, seconds, SECOND } from "./incident_moves.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_moves.js").Move} Move */
/** @typedef {import("./incident_moves.js").Settings} Settings */
/** @typedef {import("./incident_crew.js").Day} Day */
/** @typedef {import("./incident_crew.js").Job} Job */
/** @typedef {import("./incident_crew.js").Mail} Mail */
/** @typedef {import("./incident_crew.js").Worker} Worker */

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
    this.book = new Logbook(this.day, this.agenda);
    this.crew = new Crew(this.book, kit.counts.workers);
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

  /** @param {number} wanted */
  hire(wanted) {
    this.crew.hire(wanted);
    this.dispatch();
  }

  // Moves, the reader's and the script's.

  /** @param {Move} move @param {boolean} isYours */
  move({ what, value }, isYours) {
    if (what in this.settings) {
      this.settings[what] = value;
      this.book.note(what, { value });
      if (what === "workers") this.hire(Number(value));
    } else if (what === "send") {
      for (let n = 0; n < Number(value); n += 1) {
        this.yours += 1;
        this.ask(this.yours - 1, isYours);
      }
    } else if (what === "kill") this.kill(this.crew.workers[Number(value) - 1]);
    else this.spell(what, Number(value));
  }

  /** @param {string} kind @param {number} length */
  spell(kind, length) {
    this.agenda.put(this.book.spell(kind, length), () => {
      if (!this.book.hasSpell(kind)) this.book.note(kind === "away" ? "there" : "quick");
    });
    for (const worker of kind === "away" ? this.crew.workers : []) {
      if (worker.job && worker.work?.kind === "send") {
        this.crew.end(worker);
        this.fail(worker, worker.job);
      }
    }
  }

  // Users and the queue.

  /** @param {number} chance @param {boolean} isYours */
  ask(chance, isYours) {
    /** @type {Mail} */
    const mail = { number: this.day.mails.length + 1, arrival: this.now, chance,
      is_sync: this.settings.mode === "sync", is_yours: isYours, accept: null, know: null,
      sent: [], refused: null, failed: null, lost: null, attempts: 0, stays: [] };
    this.day.mails.push(mail);
    this.book.note(isYours ? "yours" : "asked", { mail: mail.number });
    this.agenda.put(this.now + this.kit.times.accept, () => this.admit(mail));
  }

  /** @param {Mail} mail */
  admit(mail) {
    const { bound } = this.settings;
    if (bound !== "none" && this.queue.length >= Number(bound)) {
      mail.refused = this.now;
      this.book.note("refused", { mail: mail.number });
      return;
    }
    if (!mail.is_sync) mail.accept = this.now;
    this.book.note(mail.is_sync ? "waits" : "queued", { mail: mail.number });
    this.join(mail);
  }

  /** @param {Mail} mail */
  join(mail) {
    this.book.place(mail, "queue");
    let place = this.queue.length;
    while (place && this.queue[place - 1].number > mail.number) place -= 1;
    this.queue.splice(place, 0, mail);
    this.dispatch();
  }

  dispatch() {
    for (const worker of this.crew.workers) {
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
    this.book.place(mail, "worker");
    this.book.note("taken", { mail: mail.number, worker: worker.number, value: job.attempt });
    if (!mail.is_sync && this.settings.ack === "before") this.ack(worker, job);
    else if (!mail.is_sync) {
      this.agenda.put(this.now + SECOND * Number(this.settings.timeout), () => this.expire(job));
    }
    if (this.book.hasSpell("away")) {
      this.crew.begin(worker, "no answer", times.no_answer, () => this.fail(worker, job));
    } else {
      const slower = this.book.hasSpell("slow") ? counts.slower : 1;
      const length = Math.floor(story.task * draws.tasks[mail.chance] * slower / 1000);
      this.crew.begin(worker, "send", length, () => this.sent(worker, job));
    }
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
      this.book.place(mail);
    }
    this.crew.begin(worker, "file", this.kit.times.file, () => this.done(worker, job));
  }

  /** @param {Worker} worker @param {Mail} mail @param {Job} first */
  handOver(worker, mail, first) {
    let kind = "sent", why = "";
    if (mail.sent.length && this.settings.key === "on") kind = "known_key";
    else if (mail.sent.length) {
      kind = "again";
      why = first.isKilled ? "dead" : "slow";
    }
    this.book.note(kind, { mail: mail.number, worker: worker.number, why });
    if (kind !== "known_key") mail.sent.push(this.now);
  }

  /** @param {Worker} worker @param {Job} job */
  done(worker, job) {
    if (job.isExpired) this.book.note("late", { mail: job.mail.number, worker: worker.number });
    else if (!job.mail.is_sync) {
      if (!job.isAcked) this.ack(worker, job);
      this.book.place(job.mail);
    }
    this.crew.free(worker);
    this.dispatch();
  }

  /** @param {Worker} worker @param {Job} job */
  ack(worker, job) {
    job.isAcked = true;
    this.book.note("acked", { mail: job.mail.number, worker: worker.number });
  }

  // What goes wrong.

  /** @param {Worker} worker @param {Job} job */
  fail(worker, job) {
    const { mail } = job;
    this.book.note("no_answer", { mail: mail.number, worker: worker.number });
    this.crew.free(worker);
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
      this.book.note("nack", { mail: mail.number });
      this.join(mail);
    } else {
      const longest = times.backoff * 2 ** (attempt - 1);
      const pause = Math.floor(longest * draws.pauses[mail.chance][attempt - 1] / 1000);
      this.book.place(mail, "pause");
      this.book.note("paused", { mail: mail.number, value: seconds(this.now + pause) });
      this.agenda.put(this.now + pause, () => {
        this.book.note("returns", { mail: mail.number });
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
      this.book.note("redelivered", { mail: job.mail.number });
      this.join(job.mail);
    }
  }

  /** @param {Mail} mail @param {string} why @param {number} worker */
  giveUp(mail, why, worker = 0) {
    this.book.place(mail);
    if (mail.sent.length) {
      this.book.note("aside", { mail: mail.number });
      return;
    }
    mail.failed = mail.know = this.now;
    this.book.note(mail.is_sync ? "error" : "failed", { mail: mail.number, worker, why });
  }

  /** @param {Worker} worker @param {Job} job @param {string} why */
  orphan(worker, job, why) {
    const { mail } = job;
    if (!job.isExpired) this.book.place(mail);
    const last = mail.stays[mail.stays.length - 1];
    const isKept = last.end === null && last.place !== "worker";
    if (mail.sent.length || mail.failed !== null || isKept || this.crew.has(mail)) return;
    mail.lost = this.now;
    this.book.note("lost", { mail: mail.number, worker: worker.number, why });
  }

  /** @param {Worker} worker */
  kill(worker) {
    if (!worker.shift || !worker.isAlive) {
      this.book.note("nobody", { worker: worker.number });
      return;
    }
    this.book.note("killed", { worker: worker.number });
    const { job } = worker;
    worker.isAlive = false;
    this.crew.end(worker);
    this.crew.free(worker);
    if (job) this.drop(worker, job);
    this.crew.begin(worker, "dead", this.kit.times.restart, () => this.back(worker));
  }

  /** @param {Worker} worker @param {Job} job */
  drop(worker, job) {
    job.isKilled = true;
    if (job.isAcked || job.isExpired) this.orphan(worker, job, "killed");
    else if (!job.mail.is_sync) this.book.place(job.mail, "dead");
    else if (!job.hasSent) this.giveUp(job.mail, "killed", worker.number);
  }

  /** @param {Worker} worker */
  back(worker) {
    worker.isAlive = true;
    if (worker.shift) this.book.note("back", { worker: worker.number });
    this.dispatch();
  }
}
