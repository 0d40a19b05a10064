"""From register file to answers: frame, sample, invitation, letter, response, close."""
