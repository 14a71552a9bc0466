// Shows what the board streams: one event per topic, the newest document each time. No library, nothing from elsewhere.
"use strict";

const STALE_MS = 3000;
const SILENT_MS = 12000;
const board = new Map();
const cameras = new Map();
let words = {};
let heard = Date.now();
let connected = false;

const byId = (id) => document.getElementById(id);
const say = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] ?? key);
const code = (prefix, value) => (value ? words[`${prefix}_${value}`] ?? value : "");

function element(tag, kind, ...content) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...content);
  return made;
}

function chosenLanguage(offered) {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, ...navigator.languages].filter(Boolean).map((tag) => tag.toLowerCase().split("-")[0]);
  return wanted.find((tag) => offered.includes(tag)) ?? "en";
}

// What went wrong, in the language of the page; the daemon's own sentence as a note.
function problem(found) {
  const known = words[`ERROR_REASON_${found.reason}`];
  return known ? `${known}` : found.message;
}

function absence(document_) {
  if (!document_) return "";
  if (document_.unserved) return say("not_served");
  return document_.problem ? problem(document_.problem) : null;
}

function showLink() {
  const link = board.get("link");
  const pill = byId("link");
  const state = board.get("status")?.state;
  if (!connected) return paint(pill, "bad", say("page_absent"));
  if (!link || link.state === "CONNECTING") return paint(pill, "wait", say("daemon_connecting"));
  if (link.state === "ABSENT") {
    pill.title = `${link.target}: ${link.problem?.message ?? ""}`;
    return paint(pill, "bad", say("daemon_absent"));
  }
  pill.title = link.target;
  return paint(pill, state === "SERVING" ? "good" : "wait", code("DEVICE_STATE", state));
}

function paint(target, kind, text) {
  target.className = target.className.replace(/\b(good|bad|wait|quiet)\b/g, "").trim() + ` ${kind}`;
  if (target.textContent !== text) target.textContent = text;
}

const reachable = () => connected && board.get("link")?.state === "CONNECTED";

function showDoors() {
  const known = board.get("doors");
  const missing = absence(known);
  const doors = known?.doors ?? [];
  byId("doors").replaceChildren(...(missing !== null ? [element("li", "note", missing)] : doors.map(door)));
  const off = doors.filter((one) => one.liveness_policy === "off").map((one) => one.display_name || one.door_id);
  const warning = byId("liveness");
  warning.hidden = !off.length;
  warning.textContent = say("liveness_off", { door: off.join(", ") });
}

function door(one) {
  const known = reachable();
  const kind = !known ? "note" : { LOCKED: "", UNLOCKED: "good", FAULT: "bad" }[one.state];
  const counts = [one.openings && say("openings", { count: one.openings }), one.faults && say("faults", { count: one.faults })];
  return element("li", "",
    element("div", "row", element("span", "name", one.display_name || one.door_id),
      element("b", kind, known ? code("DOOR_STATE", one.state) : "?")),
    element("small", "", [one.problem, ...counts].filter(Boolean).join(" · ")));
}

function showDecisions() {
  const known = board.get("decisions");
  const list = known?.decisions ?? [];
  const items = list.map(decision);
  if (known?.problem?.reason === "UNIMPLEMENTED") items.push(element("li", "note", say("not_served")));
  else if (known && !list.length) items.push(element("li", "note", say("no_decisions")));
  byId("decisions").replaceChildren(...items);
}

function decision(one) {
  const kind = one.kind === "access.denied" ? "bad" : "good";
  const what = { "access.granted": "granted", "access.denied": "denied", "attendance.punched": "punched" }[one.kind];
  const who = one.display_name || one.subject_id || (one.role ? say("by_operator") : shortOutcome(one.outcome)) || "–";
  const facts = [one.door_id, code("ACCESS_REASON", one.reason),
    number("quality", one.quality_score), number("similarity", one.similarity)];
  return element("li", "",
    element("div", "row", element("span", "name", who), element("b", kind, say(what))),
    element("div", "row", element("small", "", facts.filter(Boolean).join(" · ")), moment(one.time)));
}

const number = (label, value) => (value === undefined ? "" : `${say(label)} ${value.toFixed(2)}`);

function moment(iso) {
  const at = new Date(iso);
  const made = element("time", "", at.toLocaleTimeString(document.documentElement.lang));
  made.dateTime = iso;
  made.title = at.toLocaleString(document.documentElement.lang);
  return made;
}

function facts(id, rows) {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== "");
  byId(id).replaceChildren(...shown.flatMap(([label, value, kind]) =>
    [element("dt", "", say(label)), element("dd", kind ?? "", String(value))]));
}

function showUplink() {
  const known = board.get("uplink");
  const missing = absence(known);
  if (missing !== null) return byId("uplink").replaceChildren(element("dt", "", missing));
  const state = { CONNECTED: "good", BACKING_OFF: "bad", CONNECTING: "wait" }[known.state];
  return facts("uplink", [
    ["uplink", code("UPLINK_STATE", known.state), state],
    ["uplink_address", known.centre_address],
    ["unsent", known.state === "DISABLED" ? "" : known.unsent_events, known.unsent_events ? "wait" : ""],
    ["oldest_unsent", known.oldest_unsent_age && duration(parseFloat(known.oldest_unsent_age))],
    ["acknowledged", known.last_acknowledged_seq || ""],
    ["last_problem", known.state === "CONNECTED" ? "" : known.last_problem],
  ]);
}

function showDevice() {
  const known = board.get("status");
  const info = board.get("info") ?? {};
  if (!known) return byId("device").replaceChildren();
  const ran = known.runtime ?? {};
  const asked = ran.fallback_reason && `${ran.requested_device}, ${ran.requested_precision}: ${ran.fallback_reason}`;
  const test = known.self_test;
  return facts("device", [
    ["device", info.device_id],
    ["version", info.version],
    ["pack", known.pack],
    ["runtime", [ran.runtime, ran.actual_device, ran.actual_precision].filter(Boolean).join(", ")],
    ["asked_for", asked, "wait"],
    ["self_test", test ? say(test.passed ? "passed" : "failed") : say("not_run"), test?.passed ? "good" : "wait"],
    ["subjects", known.gallery?.subjects],
    ["uptime", known.uptime && duration(parseFloat(known.uptime))],
    ["memory", known.resident_memory_bytes && `${Math.round(known.resident_memory_bytes / 1048576)} MiB`],
    ["problems", (known.problems ?? []).join("; "), "bad"],
  ]);
}

function duration(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function showCameras() {
  const known = board.get("cameras");
  const listed = known?.cameras ?? [];
  for (const [id, camera] of cameras) {
    if (!listed.some((one) => one.camera_id === id)) {
      camera.figure.remove();
      cameras.delete(id);
    }
  }
  for (const one of listed) showCamera(one);
  const host = byId("cameras");
  host.classList.toggle("several", listed.length > 1);
  host.querySelector(":scope > .empty")?.remove();
  if (!listed.length) host.append(element("p", "empty", emptiness(known)));
}

function emptiness(known) {
  if (!connected) return say("page_absent");
  if (!reachable()) return say(board.get("link")?.state === "ABSENT" ? "daemon_absent" : "daemon_connecting");
  return absence(known) || say("no_camera");
}

function showCamera(one) {
  if (!cameras.has(one.camera_id)) {
    const figure = byId("camera").content.firstElementChild.cloneNode(true);
    figure.dataset.camera = one.camera_id;
    figure.querySelector("b").textContent = one.camera_id;
    byId("cameras").append(figure);
    cameras.set(one.camera_id, { figure, view: null, seen: 0, drawing: false });
  }
  const camera = cameras.get(one.camera_id);
  const good = one.state === "STREAMING";
  const rate = good && one.frame_rate_hz ? ` ${one.frame_rate_hz.toFixed(0)} Hz` : "";
  paint(camera.figure.querySelector(".state"), good ? "good" : "bad", code("CAMERA_STATE", one.state) + rate);
  camera.figure.querySelector(".state").title = one.problem;
  camera.problem = good ? "" : [code("CAMERA_STATE", one.state), one.problem].filter(Boolean).join(": ");
}

function takeView(view) {
  const camera = cameras.get(view.camera_id);
  if (!camera) return;
  if (view.problem) {
    camera.problem = problem(view.problem);
    return;
  }
  camera.view = { ...view, came: Date.now() };
  draw(camera);
}

// One picture is decoded at a time; what comes meanwhile replaces what waits.
async function draw(camera) {
  if (camera.drawing) return;
  camera.drawing = true;
  try {
    while (camera.view) {
      const view = camera.view;
      camera.view = null;
      const picture = await decode(view.jpeg);
      paintView(camera, view, picture);
      picture?.close();
      camera.shown = view;
      // A picture counts as seen once it is on the page, and what was said about its absence goes with it at once.
      camera.seen = view.came;
      showStillness();
    }
  } finally {
    camera.drawing = false;
  }
}

async function decode(base64) {
  if (!base64) return null;
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: "image/jpeg" })).catch(() => null);
}

const COLOURS = { MATCHED: "#3ddc84", UNSPECIFIED: "#5ab0ff" };

function paintView(camera, view, picture) {
  const canvas = camera.figure.querySelector("canvas");
  if (canvas.width !== view.width_px) canvas.width = view.width_px;
  if (canvas.height !== view.height_px) canvas.height = view.height_px;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#0a0d10";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  if (picture) pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const unit = Math.max(canvas.width / 640, 0.5);
  for (const track of view.tracks) drawTrack(pen, track, unit);
  camera.noPicture = !picture;
  guide(camera, view);
}

function drawTrack(pen, track, unit) {
  const [left, top, right, bottom] = track.box;
  const colour = COLOURS[track.outcome] ?? "#ff5d5d";
  pen.lineWidth = 3 * unit;
  pen.strokeStyle = colour;
  pen.strokeRect(left, top, right - left, bottom - top);
  // How much of the person has been seen so far.
  pen.fillStyle = colour;
  pen.fillRect(left, bottom + 4 * unit, (right - left) * Math.min(track.evidence, 1), 4 * unit);
  const name = track.display_name || (track.outcome === "UNSPECIFIED" ? "" : shortOutcome(track.outcome));
  if (!name) return;
  pen.font = `600 ${16 * unit}px system-ui, sans-serif`;
  const width = pen.measureText(name).width + 12 * unit;
  const above = Math.max(top - 26 * unit, 0);
  pen.fillRect(left, above, width, 24 * unit);
  pen.fillStyle = "#06120b";
  pen.fillText(name, left + 6 * unit, above + 17.5 * unit);
}

const shortOutcome = (outcome) => code("OUTCOME", outcome).split(/[:：]/)[0];

function guide(camera, view) {
  const target = camera.figure.querySelector(".guidance");
  const track = view.tracks[0];
  if (!track) return paint(target, "quiet", say("look_here"));
  if (track.outcome === "MATCHED") return paint(target, "good", `${say("welcome")} ${track.display_name}`.trim());
  if (track.outcome !== "UNSPECIFIED") return paint(target, "bad", code("OUTCOME", track.outcome));
  const advice = track.guidance[0];
  return advice ? paint(target, "wait", code("GUIDANCE", advice)) : paint(target, "quiet", say("looking"));
}

function showStillness() {
  for (const camera of cameras.values()) {
    const still = !reachable() || Date.now() - camera.seen > STALE_MS;
    camera.figure.classList.toggle("still", still);
    camera.figure.querySelector(".guidance").hidden = still;
    camera.figure.querySelector(".absent").textContent = stillness(camera, still);
  }
}

function stillness(camera, still) {
  if (!connected) return say("page_absent");
  if (!reachable()) return say("daemon_absent");
  if (still) return camera.problem || (camera.seen ? say("stale_picture") : say("no_picture"));
  return camera.noPicture && !camera.shown?.tracks.length ? say("no_picture_for_role") : "";
}

function take(topic, document_) {
  if (document_ === null) board.delete(topic);
  else if (topic.startsWith("view:")) return takeView(document_);
  else board.set(topic, document_);
  return show();
}

function show() {
  showLink();
  showDoors();
  showDecisions();
  showUplink();
  showDevice();
  showCameras();
  showStillness();
  document.body.classList.toggle("away", !reachable());
}

function listen() {
  const stream = new EventSource("/board");
  const alive = () => {
    heard = Date.now();
    if (!connected) {
      connected = true;
      show();
    }
  };
  stream.addEventListener("open", alive);
  stream.addEventListener("alive", alive);
  stream.addEventListener("topic", (event) => {
    alive();
    const { topic, document: known } = JSON.parse(event.data);
    take(topic, known);
  });
  stream.addEventListener("error", () => {
    connected = false;
    show();
    // The browser reconnects after a broken stream, and gives up after a refusal: then this page begins anew.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
  const watch = setInterval(() => {
    showStillness();
    if (stream.readyState === EventSource.CLOSED) return clearInterval(watch);
    if (connected && Date.now() - heard > SILENT_MS) {
      connected = false;
      clearInterval(watch);
      stream.close();
      show();
      setTimeout(listen, 1000);
    }
    return undefined;
  }, 1000);
}

async function begin() {
  const offered = await (await fetch("/words.json")).json();
  const language = chosenLanguage(Object.keys(offered));
  words = offered[language];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  document.title = say("title");
  for (const labelled of document.querySelectorAll("[data-word]")) labelled.textContent = say(labelled.dataset.word);
  show();
  listen();
}

begin();
