// Keys for the buttons of the page: each button names its own in data-key.
// Single keys get in the way of those who speak to a computer, so they can be switched off for good.
const keys = document.getElementById("keys");
keys.checked = localStorage.getItem("keys") !== "off";
keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  if (!keys.checked) return;
  const typing = event.target.closest("input:not(#keys), textarea, select, [contenteditable]");
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const task = document.getElementById("task");
  // While an answer is on its way, a key would hit the comment that has just been answered.
  if (!task || task.querySelector(".htmx-request") || task.matches(".htmx-request")) return;
  const button = task.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
