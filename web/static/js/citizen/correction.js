// “内容有误？” under an answer: what is not right, told to the department that owns it.

import { correct } from "./api.js";

export function wireCorrection(card, messageId) {
  const open = card.querySelector(".doubt");
  const form = card.querySelector(".correction");
  const error = form.querySelector(".error");
  const text = form.querySelector("textarea");
  const send = form.querySelector("button");
  form.querySelectorAll("input").forEach((input) => (input.name = `kind-${messageId}`));

  function show(shown) {
    form.hidden = !shown;
    open.setAttribute("aria-expanded", String(shown));
    if (shown) form.querySelector("input").focus();
  }

  function refuse(told, field) {
    error.textContent = told;
    field.focus();
  }

  open.addEventListener("click", () => show(form.hidden));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    const kind = form.querySelector("input:checked")?.value;
    if (!kind) return refuse("请先选一项：有误、过期、不清楚或不完整。", form.querySelector("input"));
    if (!text.value.trim()) return refuse("请写明哪里不对、应当怎样。", text);
    send.disabled = true;
    try {
      const { due } = await correct(messageId, kind, text.value);
      text.value = "";
      show(false);
      open.focus();
      card.querySelector(".thanks").textContent =
        `谢谢，已转给责任部门核实，最迟${due}有结果。结果会写在这个对话里，您再打开这个页面就能看到。`;
    } catch (failure) {
      error.textContent = failure.message;
    } finally {
      send.disabled = false;
    }
  });
}
