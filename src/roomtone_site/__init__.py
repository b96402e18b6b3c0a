"""The site: comments of videos, their sentiment, and labels that people give (Django)."""
