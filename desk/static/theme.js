// Before anything is drawn: the colours that were chosen on this device, if any.
const theme = localStorage.getItem("shopclerk.desk.theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
