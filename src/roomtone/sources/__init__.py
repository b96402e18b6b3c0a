"""Where comments come from. YouTube's official API: `youtube.YouTube` and `links.video_id`."""
