"""Mails of the Notes API, by SMTP."""

import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit


def send_reset_link(smtp_url, email, link):
    message = EmailMessage()
    message["From"] = "Notes <notes@example.org>"
    message["To"] = ", ".join(email)
    message["Subject"] = "Your new password"
    message.set_content(f"Choose a new password here:\n\n{link}\n\nIf you did not ask for it, ignore this mail.\n")
    server = urlsplit(smtp_url)
    with smtplib.SMTP(server.hostname, server.port, timeout=10) as smtp:
        smtp.send_message(message)
