// How long the spoken answer takes to read out, as it is typed.

export function wireReading(field) {
  const place = document.createElement("p");
  place.className = "help reading-time";
  place.id = `${field.id}-time`;
  field.after(place);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${place.id}`.trim());
  const warning = document.createElement("p");
  warning.className = "warned";
  warning.setAttribute("role", "status");
  place.after(warning);
  const rate = Number(field.dataset.rate);
  const longest = Number(field.dataset.longest);

  function show() {
    const spoken = [...field.value].filter((one) => /[\p{L}\p{N}]/u.test(one)).length;
    const seconds = Math.ceil(spoken / rate);
    place.textContent = spoken ? `${spoken} 字，念出来约 ${seconds} 秒（每秒 ${rate} 字）。` : "";
    const told = seconds > longest ? `超过 ${longest} 秒，来电的人难记住：请只留结论和最要紧的一步。` : "";
    if (warning.textContent !== told) warning.textContent = told;
  }
  field.addEventListener("input", show);
  field.addEventListener("refill", show);
  show();
}
