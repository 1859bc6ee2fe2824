// From messages to what the citizen sees. Only `answer_html` and `guide_html`, cleaned by the server, are HTML.

import { rate } from "./api.js";
import { wireCorrection } from "./correction.js";

const template = document.getElementById("answer-template");

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(className, text, onClick) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

const longDay = (iso) => {
  const [year, month, day] = iso.split("-").map(Number);
  return `${year}年${month}月${day}日`;
};

export function citizenSaid(text) {
  const bubble = element("div", "said citizen");
  bubble.append(element("span", "unseen", "您："), element("p", "", text));
  return bubble;
}

export function botSaid(message, { ask, openPerson }) {
  if (message.decision === "answer" && message.results.length) {
    const card = answerCard(message, openPerson);
    if (message.asked) card.prepend(askedLine(message.asked));
    return card;
  }
  const bubble = element("div", "said bot");
  if (message.asked) bubble.append(askedLine(message.asked));
  bubble.append(element("p", "", message.text));
  if (message.options.length) bubble.append(optionList(message, ask));
  if (message.contact) bubble.append(waysToAPerson(openPerson));
  return bubble;
}

function askedLine(text) {
  const line = element("p", "part");
  line.append(element("span", "part-name", "您问的"), text);
  return line;
}

// Numbers run on from one list of a turn to the next; “none of these” stands under the last.
function optionList({ options, first_number: first, more_lists: more }, ask) {
  const list = element("ol", "options");
  const add = (label, className, number) => {
    const item = element("li");
    const chip = button(className, "", () => ask(label));
    if (number) chip.append(element("span", "number", `${number}.`), " ");
    chip.append(label);
    item.append(chip);
    list.append(item);
  };
  options.forEach((label, index) => add(label, "option", first + index));
  if (!more) add("都不是", "option none");
  return list;
}

function waysToAPerson(openPerson) {
  const ways = element("p", "ways");
  const phone = element("a", "button", "拨打 12345");
  phone.href = "tel:12345";
  ways.append(phone, button("button quiet", "留言给热线", openPerson));
  return ways;
}

function answerCard(message, openPerson) {
  const [result] = message.results;
  const card = template.content.firstElementChild.cloneNode(true);
  card.querySelector(".matched").textContent = result.question;
  card.querySelector(".answer").innerHTML = result.answer_html;
  card.querySelector(".guide").innerHTML = result.guide_html;
  const facts = card.querySelector(".facts");
  const add = (name, value) => {
    if (!value) return;
    const pair = element("div");
    pair.append(element("dt", "", name), typeof value === "string" ? element("dd", "", value) : value);
    facts.append(pair);
  };
  add("责任部门", department(result));
  add("办理依据", result.legal_basis);
  add("有效期至", result.valid_until && longDay(result.valid_until));
  add("更新于", longDay(result.updated_on));
  wireVerdict(card, message.id, openPerson);
  wireCorrection(card, message.id);
  return card;
}

function department(result) {
  const value = element("dd", "", result.department);
  if (result.department_phone) {
    const phone = element("a", "", result.department_phone);
    phone.href = `tel:${result.department_phone.replace(/[^\d+]/g, "")}`;
    value.append(" ", phone);
  }
  return value;
}

function wireVerdict(card, messageId, openPerson) {
  const useful = card.querySelector(".useful");
  const useless = card.querySelector(".useless");
  const reasons = card.querySelector(".reasons");
  const thanks = card.querySelector(".thanks");
  const name = `reason-${messageId}`;
  reasons.querySelectorAll("input").forEach((input) => (input.name = name));

  async function say(verdict, text) {
    try {
      await rate(messageId, verdict);
      thanks.textContent = text;
    } catch (error) {
      thanks.textContent = error.message;
    }
  }
  function press(chosen) {
    useful.setAttribute("aria-pressed", String(chosen === useful));
    useless.setAttribute("aria-pressed", String(chosen === useless));
  }
  useful.addEventListener("click", () => {
    press(useful);
    reasons.hidden = true;
    say({ useful: true }, "谢谢您的评价。");
  });
  useless.addEventListener("click", () => {
    press(useless);
    reasons.hidden = false;
    reasons.querySelector("input").focus();
    say({ useful: false }, "");
  });
  reasons.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = reasons.querySelector("input:checked")?.value ?? null;
    const comment = reasons.querySelector("textarea").value;
    reasons.hidden = true;
    useless.focus();
    say({ useful: false, reason, comment }, "谢谢，已转给热线改进。需要的话可以点“转人工”。");
  });
  card.querySelector(".person").addEventListener("click", openPerson);
}
