from survey.serving import served

app = served()
