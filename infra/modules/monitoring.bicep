metadata description = 'The workspace of logs and the Application Insights that both take Entra tokens alone.'

import { roles } from 'roles.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the workspace.')
param workspaceName string

@description('Name of the Application Insights resource.')
param applicationInsightsName string

@description('How long logs are kept, in days.')
@minValue(30)
@maxValue(730)
param retentionInDays int = 30

@description('Name of the identity that sends telemetry.')
param senderName string

resource sender 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: senderName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionInDays
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: applicationInsightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource publish 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, sender.id, roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: sender.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
    description: 'Host and worker send traces, metrics and logs; the connection string alone is no permission.'
  }
}
